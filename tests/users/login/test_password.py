import re

import pytest

from apps.users.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.any_database

NEW = "another-horse-7"


def link_in(mail):
    return re.search(r"http://testserver(/\S+)", mail.body).group(1)


def test_a_changed_password_keeps_this_session_and_ends_others(as_ada, ada, client):
    other = client.__class__()
    other.force_login(ada)

    response = as_ada.post("/users/password/change/", {"oldpassword": PASSWORD, "password1": NEW})

    assert response["Location"] == "/users/profile/"
    assert as_ada.get("/users/profile/").status_code == 200
    assert other.get("/users/profile/").status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(NEW)


def test_a_change_is_told_by_mail(as_ada, mailoutbox):
    data = {"oldpassword": PASSWORD, "password1": NEW}
    as_ada.post("/users/password/change/", data, headers={"User-Agent": 'Lynx & "<Co>"'})

    assert mailoutbox[0].to == ["ada@example.org"]
    assert mailoutbox[0].subject == "[Parlor] Your password was changed"
    assert "127.0.0.1" in mailoutbox[0].body
    assert 'Lynx & "<Co>"' in mailoutbox[0].body  # As it is: mail is no HTML.
    assert NEW not in mailoutbox[0].body


def test_the_old_password_is_needed(as_ada, ada):
    response = as_ada.post("/users/password/change/", {"oldpassword": "no", "password1": NEW})

    assert response.status_code == 422
    assert NEW not in response.content.decode()
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_a_weak_new_password_is_refused(as_ada, ada):
    data = {"oldpassword": PASSWORD, "password1": "password"}

    assert as_ada.post("/users/password/change/", data).status_code == 422


def test_someone_without_a_password_sets_one(client, ada):
    ada.set_unusable_password()
    ada.save()
    client.force_login(ada)
    assert client.get("/users/password/change/")["Location"] == "/users/password/set/"

    client.post("/users/password/set/", {"password1": NEW})

    ada.refresh_from_db()
    assert ada.check_password(NEW)


def test_a_forgotten_password_is_reset_by_mail(client, ada, mailoutbox):
    client.post("/users/password/reset/", {"email": "ada@example.org"})
    assert "ada" in mailoutbox[0].body
    form = client.get(link_in(mailoutbox[0]))
    assert mailoutbox[0].body.count(form["Location"]) == 0  # The key is gone from the address.

    response = client.post(form["Location"], {"password1": NEW})

    assert response["Location"] == "/chat/"
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    again = client.get(link_in(mailoutbox[0]))
    assert "This link has been used, or is too old." in again.content.decode()


def test_a_weak_password_is_refused_after_the_link_too(client, ada, mailoutbox):
    client.post("/users/password/reset/", {"email": "ada@example.org"})
    form = client.get(link_in(mailoutbox[0]))["Location"]

    assert client.post(form, {"password1": "short"}).status_code == 422


def test_reset_says_the_same_to_known_unknown_and_inactive(client, ada, mailoutbox):
    User.objects.create_user("off", "off@example.org", PASSWORD, is_active=False)

    answers = [
        client.post("/users/password/reset/", {"email": email}, follow=True)
        for email in ("ada@example.org", "nobody@example.org", "off@example.org")
    ]

    pages = {
        (a.status_code, re.sub(r'(value|nonce)="[^"]*"', "", a.content.decode())) for a in answers
    }
    assert len(pages) == 1
    assert [mail.to for mail in mailoutbox] == [
        ["ada@example.org"],
        ["nobody@example.org"],
        ["off@example.org"],
    ]
    assert [mail.subject for mail in mailoutbox] == ["[Parlor] Set a new password"] * 3
    assert ["/users/password/reset/" in mail.body for mail in mailoutbox] == [True, False, False]


def test_no_mailbox_is_flooded(client, ada, mailoutbox):
    answers = [
        client.post(
            "/users/password/reset/",
            {"email": "ada@example.org"},
            headers={"x-forwarded-for": f"203.0.113.{n}"},
        )
        for n in range(7)
    ]

    assert [a.status_code for a in answers] == [302] * 5 + [429] * 2
    assert len(mailoutbox) == 5


def test_a_made_up_link_is_refused(client, ada):
    response = client.get(f"/users/password/reset/{ada.pk}-abc-def/")

    assert "This link has been used, or is too old." in response.content.decode()
