import re

import pytest
from django.test import Client

from apps.users.models import User
from tests.factories import PASSWORD, make_user
from tests.page import Page

pytestmark = pytest.mark.any_database


def test_a_new_address_counts_when_it_is_confirmed(as_ada, ada, mailoutbox):
    User.objects.filter(pk=ada.pk).update(email="")
    as_ada.post("/users/email/", {"action_add": "", "email": "new@example.org"})
    page = as_ada.get("/users/email/").content.decode()
    assert "We sent a link to <strong>new@example.org</strong>" in page

    link = re.search(r"http://testserver(/users/email/\S+)", mailoutbox[-1].body).group(1)
    assert (
        "Does <strong>new@example.org</strong> belong to ada?" in as_ada.get(link).content.decode()
    )
    as_ada.post(link)

    ada.refresh_from_db()
    assert ada.email == "new@example.org"


def test_an_address_can_be_removed(as_ada, ada):
    as_ada.get("/users/email/")
    as_ada.post("/users/email/", {"action_remove": "", "email": "ada@example.org"})

    ada.refresh_from_db()
    assert ada.email == ""


def test_the_address_of_another_is_taken_as_an_unknown_one_is(as_ada):
    User.objects.create_user("eve", "eve@example.org", PASSWORD)

    known = as_ada.post("/users/email/", {"action_add": "", "email": "eve@example.org"})
    unknown = as_ada.post("/users/email/", {"action_add": "", "email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_bad_address_is_refused(as_ada):
    response = as_ada.post("/users/email/", {"action_add": "", "email": "nowhere"})

    assert response.status_code == 422


def test_the_password_is_asked_for_first(client, ada):
    client.force_login(ada)

    response = client.post("/users/email/", {"action_add": "", "email": "new@example.org"})
    assert response["Location"] == "/users/reauthenticate/?next=%2Fusers%2Femail%2F"
    client.post("/users/reauthenticate/", {"password": PASSWORD, "next": "/users/email/"})

    assert ada.emailaddress_set.filter(email="new@example.org").exists()


def test_a_wrong_password_opens_nothing(client, ada):
    client.force_login(ada)

    response = client.post("/users/reauthenticate/", {"password": "wrong"})

    assert response.status_code == 422
    assert "This is not your password." in response.content.decode()


def test_a_confirmation_that_is_no_good_says_so(client):
    response = client.get("/users/email/nonsense/")

    assert "This link has been used, or is too old." in response.content.decode()


def test_nobody_confirms_by_a_link_alone(client, mailoutbox):
    data = {"username": "grace", "password1": PASSWORD, "email": "grace@example.org"}
    client.post("/users/register/", data)
    link = re.search(r"http://testserver(/users/email/\S+)", mailoutbox[-1].body).group(1)

    client.get(link)

    assert not User.objects.get(username="grace").emailaddress_set.get().verified


def test_a_stranger_is_asked_to_log_in(client):
    for path in ("email", "password/change", "mfa", "mfa/totp/activate", "mfa/recovery-codes"):
        response = client.get(f"/users/{path}/")
        assert response["Location"].startswith("/users/login/"), path


@pytest.mark.row("O-162")
@pytest.mark.any_engine
def test_confirming_the_address_of_another_account_logs_nobody_out(as_ada, ada, mailoutbox):
    User.objects.filter(pk=ada.pk).update(email="")
    as_ada.post("/users/email/", {"action_add": "", "email": "new@example.org"})
    link = re.search(r"http://testserver(/users/email/\S+)", mailoutbox[-1].body).group(1)
    other = Client()
    other.force_login(make_user("ben"))
    words = "This address belongs to another account. You are still logged in as ben."
    assert words in Page(other.get(link)).text
    assert words in Page(other.post(link, follow=True)).text
    assert other.get("/chat/").status_code == 200
    ada.refresh_from_db()
    assert ada.email == "new@example.org"
