"""What a visitor needs to make an account: an address of their own, or an invitation."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from apps.users import invitations
from apps.users.models import Invitation, User
from tests.factories import make_user

NEW = {"username": "grace", "password1": "korrekt-horse-9"}
LOGIN = {"username": "grace", "password": "korrekt-horse-9"}


def is_logged_in(client):
    return client.get("/chat/").status_code == 200


def token_of(link):
    return parse_qs(urlsplit(link).query)["invitation"][0]


@pytest.mark.row("O-149")
@pytest.mark.any_engine
def test_nobody_gets_in_before_their_address_is_confirmed(client, settings, db, mailoutbox):
    settings.REGISTRATION_NEEDS = "email"
    assert client.post("/users/register/", NEW).status_code == 422
    response = client.post("/users/register/", NEW | {"email": "grace@example.org"})
    assert "/users/register/sent/" in response["Location"]
    assert "Look into your mail" in client.get(response["Location"]).content.decode()
    assert not is_logged_in(client)
    client.post("/users/login/", LOGIN)
    assert not is_logged_in(client)
    lines = mailoutbox[0].body.splitlines()
    client.post(next(line for line in lines if "/users/email/" in line))
    client.post("/users/login/", LOGIN)
    assert is_logged_in(client)


@pytest.mark.row("O-149")
@pytest.mark.any_engine
def test_a_known_address_is_answered_like_an_unknown_one(client, settings, db):
    settings.REGISTRATION_NEEDS = "email"
    make_user(email="ada@example.org").emailaddress_set.create(
        email="ada@example.org", verified=True, primary=True
    )
    known = client.post("/users/register/", NEW | {"email": "ada@example.org"})
    unknown = Client().post(
        "/users/register/", NEW | {"username": "joan", "email": "j@example.org"}
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert not is_logged_in(client)


@pytest.mark.any_engine
def test_people_from_before_are_let_in(client, settings, db):
    settings.REGISTRATION_NEEDS = "email"
    for name, fields in {"old": {}, "boss": {"is_staff": True}}.items():
        user = make_user(name, "korrekt-horse-9", **fields)
        if user.is_staff:
            user.emailaddress_set.create(email="boss@example.org", verified=False)
        client = Client()
        client.post("/users/login/", LOGIN | {"username": name})
        assert is_logged_in(client)


@pytest.mark.row("O-149")
@pytest.mark.any_engine
def test_an_invitation_makes_one_account(client, settings, db, capsys):
    settings.REGISTRATION_NEEDS = "invitation"
    call_command("invite", "Grace")
    link = capsys.readouterr().out.strip()
    assert f'value="{token_of(link)}"' in client.get(link).content.decode()
    for wrong in ({}, {"invitation": ""}, {"invitation": "guess"}):
        assert client.post("/users/register/", NEW | wrong).status_code == 422
    assert not User.objects.exists()
    fields = {"invitation": token_of(link)}
    assert client.post("/users/register/", NEW | fields).status_code == 302
    assert is_logged_in(client)
    invitation = Invitation.objects.get()
    assert (invitation.used_by.username, invitation.note) == ("grace", "Grace")
    again = Client().post("/users/register/", NEW | fields | {"username": "other"})
    assert again.status_code == 422
    assert "This invitation does not work" in again.content.decode()
    assert User.objects.count() == 1


@pytest.mark.row("O-149")
@pytest.mark.any_engine
@pytest.mark.parametrize("change", ["old", "withdrawn"])
def test_an_invitation_that_is_over_makes_none(client, settings, db, change):
    settings.REGISTRATION_NEEDS = "invitation"
    invitation = invitations.invite()
    fields = {"invitation": token_of(invitations.path_of(invitation))}
    if change == "old":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    else:
        invitation.delete()
    assert client.post("/users/register/", NEW | fields).status_code == 422
    assert not User.objects.exists()


@pytest.mark.row("O-149")
@pytest.mark.any_engine
@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_invitation_one_gets_in(settings):
    settings.REGISTRATION_NEEDS = "invitation"
    fields = {"invitation": token_of(invitations.path_of(invitations.invite()))}
    start, answers = threading.Barrier(2), []

    def register(name):
        start.wait()
        response = Client().post("/users/register/", NEW | fields | {"username": name})
        answers.append(response.status_code)
        connections.close_all()

    threads = [threading.Thread(target=register, args=[name]) for name in ("grace", "joan")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answers) == [302, 422]
    assert User.objects.count() == 1


@pytest.mark.any_engine
def test_the_page_leads_nobody_to_what_needs_an_invitation(client, settings, db):
    assert "/users/register/" in client.get("/users/login/").content.decode()
    settings.REGISTRATION_NEEDS = "invitation"
    assert "/users/register/" not in client.get("/users/login/").content.decode()


@pytest.mark.any_engine
def test_staff_invite_in_the_admin(admin_client, settings):
    settings.REGISTRATION_NEEDS = "invitation"
    page = "/admin/users/invitation/"
    until = {"expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"}
    response = admin_client.post(f"{page}add/", {"note": "For Joan", **until}, follow=True)
    invitation = Invitation.objects.get()
    assert invitations.path_of(invitation) in response.content.decode().replace("&amp;", "&")
    change = admin_client.get(f"{page}{invitation.pk}/change/").content.decode()
    assert invitations.path_of(invitation) in change
    fields = {"invitation": token_of(invitations.path_of(invitation))}
    assert Client().post("/users/register/", NEW | fields).status_code == 302
