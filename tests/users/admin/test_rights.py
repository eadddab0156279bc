"""What staff may see and change: what the admin offers, and nobody with more rights."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from apps.users.models import User
from tests.attacks import admin_filters
from tests.factories import PASSWORD, make_conversation, make_user
from tests.page import Page

REGISTERED = [model for model in apps.get_models() if admin.site.is_registered(model)]


def permission(name):
    return Permission.objects.get(codename=name)


@pytest.fixture
def helper(db):
    """A member of staff who may change people, their addresses and groups."""
    user = make_user("helper", is_staff=True)
    kinds = ("user", "group", "emailaddress", "authenticator")
    names = [f"{verb}_{kind}" for verb in ("view", "add", "change", "delete") for kind in kinds]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


@pytest.fixture
def as_helper(helper, settings):
    settings.STAFF_TWO_STEPS = "never"
    client = Client()
    client.force_login(helper)
    return client


@pytest.fixture
def boss(db):
    return User.objects.create_superuser("boss", "boss@example.org", PASSWORD)


@pytest.fixture
def richer(db):
    """A member of staff with a right that the helper lacks, by way of a group."""
    group = Group.objects.create(name="readers")
    group.permissions.add(permission("view_message"))
    user = make_user("richer", is_staff=True)
    user.groups.add(group)
    return user


# What lists are filtered by.


def lists_of(model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return [(address, field.name) for field in model._meta.concrete_fields]


@pytest.mark.row("O-157")
@pytest.mark.any_engine
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_no_list_answers_what_its_page_does_not_offer(admin_client, model):
    for address, field in lists_of(model):
        for lookup in (f"{field}__startswith", f"{field}__contains", f"{field}__gt"):
            assert admin_client.get(address, {lookup: "a"}).status_code == 400, lookup
    assert admin_client.get(address).status_code == 200


@pytest.mark.row("O-157")
@pytest.mark.any_engine
def test_secrets_are_not_read_letter_by_letter(as_helper, ada):
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "ABCDEFGH"})

    def get(address):
        return as_helper.get(address).content.decode()

    arguments = (admin_filters.LIST, admin_filters.LOOKUP, 8, "result_list")
    assert admin_filters.read_out(get, *arguments) == ""
    assert "result_list" in get(admin_filters.LIST)


@pytest.mark.row("O-157")
@pytest.mark.any_engine
def test_what_the_page_offers_is_answered(admin_client, ada):
    for address in (
        "/admin/users/user/?is_staff__exact=0&q=ada&o=1&p=1",
        "/admin/chat/conversation/?created_at__year=2026&created_at__month=11",
        "/admin/chat/conversation/?created_at__gte=2026-11-01T00:00Z&created_at__lt=2026-12-01T00:00Z",
        "/admin/chat/message/?state__exact=done&progress=stuck&_facets=True",
        f"/admin/chat/usagerecord/?user__id__exact={ada.pk}&created_at__year=2026",
    ):
        assert admin_client.get(address).status_code == 200, address


# Whom one may change.


def pages_of(person):
    address = EmailAddress.objects.create(user=person, email=f"{person}@example.net")
    second = Authenticator.objects.create(user=person, type="totp", data={"secret": "ABCDEFGH"})
    return [
        f"/admin/users/user/{person.pk}/change/",
        f"/admin/users/user/{person.pk}/password/",
        f"/admin/users/user/{person.pk}/delete/",
        f"/admin/account/emailaddress/{address.pk}/change/",
        f"/admin/account/emailaddress/{address.pk}/delete/",
        f"/admin/mfa/authenticator/{second.pk}/delete/",
    ]


@pytest.mark.row("O-159")
@pytest.mark.any_engine
@pytest.mark.parametrize("who", ["boss", "richer", "locked"])
def test_people_with_more_rights_are_not_touched(as_helper, boss, richer, who):
    if who == "locked":
        boss.is_active = False
        boss.save()
    person = richer if who == "richer" else boss
    for page in pages_of(person):
        assert as_helper.post(page, {"post": "yes"}).status_code == 403, page
    fields = {"_selected_action": [person.pk]}
    as_helper.post("/admin/users/user/", {**fields, "action": "lock"})
    as_helper.post("/admin/users/user/", {**fields, "action": "unlock"})
    as_helper.post("/admin/users/user/", {**fields, "action": "delete_selected", "post": "yes"})
    person.refresh_from_db()
    assert person.is_active is (who != "locked")
    assert person.check_password(PASSWORD)


@pytest.mark.row("O-159")
@pytest.mark.any_engine
def test_people_with_fewer_rights_are_changed(as_helper, ada):
    pages = pages_of(ada)
    for page in pages:
        assert as_helper.get(page).status_code == 200, page
    assert as_helper.post(pages[-1], {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def form(user, **changes):
    fields = {
        "username": user.username,
        "email": user.email,
        "date_joined_0": "2026-11-01",
        "date_joined_1": "12:00:00",
        "is_active": "on",
        "theme": "system",
    }
    return {**fields, **changes}


@pytest.mark.row("O-159")
@pytest.mark.any_engine
@pytest.mark.parametrize("field", ["is_superuser", "user_permissions", "groups"])
def test_nobody_hands_out_rights_that_they_lack(as_helper, helper, richer, field):
    values = {
        "is_superuser": "on",
        "user_permissions": [permission("view_message").pk],
        "groups": [richer.groups.get().pk],
    }
    changes = form(helper, is_staff="on", **{field: values[field]})
    as_helper.post(f"/admin/users/user/{helper.pk}/change/", changes)
    fresh = User.objects.get(pk=helper.pk)
    assert not fresh.is_superuser
    assert not fresh.has_perm("chat.view_message")


@pytest.mark.row("O-159")
@pytest.mark.any_engine
def test_rights_that_one_has_are_handed_out(as_helper, ada):
    changes = form(ada, is_staff="on", user_permissions=[permission("view_user").pk])
    response = as_helper.post(f"/admin/users/user/{ada.pk}/change/", changes)
    assert response.status_code == 302
    assert User.objects.get(pk=ada.pk).has_perm("users.view_user")


@pytest.mark.row("O-159")
@pytest.mark.any_engine
def test_a_group_gets_no_rights_that_its_editor_lacks(as_helper, richer):
    group = richer.groups.get()
    own = Group.objects.create(name="own")
    address = "/admin/auth/group/{}/change/"
    assert as_helper.post(address.format(group.pk), {"name": "mine"}).status_code == 403
    fields = {"name": "own", "permissions": [permission("view_message").pk]}
    as_helper.post(address.format(own.pk), fields)
    assert not own.permissions.exists()


@pytest.mark.row("O-159")
@pytest.mark.any_engine
def test_nobody_adds_an_address_to_who_has_more_rights(as_helper, boss):
    fields = {"user": boss.pk, "email": "mine@example.net", "verified": "on", "primary": "on"}
    assert as_helper.post("/admin/account/emailaddress/add/", fields).status_code == 200
    assert not EmailAddress.objects.exists()


@pytest.mark.row("O-159")
@pytest.mark.any_engine
def test_deleting_counts_what_goes_along_and_shows_no_titles(admin_client, as_helper, ada):
    make_conversation(ada, "Question", title="My secret")
    for client, words in (as_helper, "conversation"), (admin_client, "Conversations: 1"):
        page = Page(client.get(f"/admin/users/user/{ada.pk}/delete/"))
        assert "My secret" not in page.text
        assert words in page.text


# Who has to have two steps.


def has_to(client, path="/admin/"):
    """Return whether the client is asked for two steps, and not shown the page."""
    response = client.get(path)
    assert response.status_code in (200, 302)
    return response.status_code == 302 and response["Location"] == "/users/mfa/totp/activate/"


@pytest.mark.row("O-162")
@pytest.mark.any_engine
def test_staff_need_two_steps_once_one_of_them_has_them(helper, boss, ada, settings):
    client = Client()
    client.force_login(helper)
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "ABCDEFGH"})
    assert not has_to(client)  # She is no staff.
    Authenticator.objects.create(user=boss, type="totp", data={"secret": "ABCDEFGH"})
    assert has_to(client)
    assert has_to(client, "/admin/users/user/")
    assert "The administration needs two-step log-in." in Page(client.get("/users/profile/")).text
    assert client.get("/chat/").status_code == 200
    settings.STAFF_TWO_STEPS = "never"
    assert not has_to(client)
    Authenticator.objects.create(user=helper, type="totp", data={"secret": "ABCDEFGH"})
    settings.STAFF_TWO_STEPS = "always"
    assert not has_to(client)


@pytest.mark.row("O-162")
@pytest.mark.any_engine
def test_two_steps_can_be_needed_from_the_beginning(helper, settings):
    settings.STAFF_TWO_STEPS = "always"
    client = Client()
    client.force_login(helper)
    assert has_to(client)
