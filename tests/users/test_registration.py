import threading

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections
from django.test import Client

from apps.users.models import User

NEW = {"username": "grace", "password1": "korrekt-horse-9"}


def test_a_new_person_is_logged_in_and_sees_the_chat(client):
    response = client.post("/users/register/", NEW)

    assert response["Location"] == "/chat/"
    user = User.objects.get(username="grace")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.check_password("korrekt-horse-9")


def test_an_address_is_asked_to_confirm_itself(client, mailoutbox):
    client.post("/users/register/", NEW | {"email": "grace@example.org"})

    assert mailoutbox[0].to == ["grace@example.org"]
    link = next(line for line in mailoutbox[0].body.splitlines() if "/users/email/" in line)
    client.post(link)
    assert User.objects.get(username="grace").emailaddress_set.get().verified


def test_a_known_address_registers_like_an_unknown_one(client, ada, mailoutbox):
    known = client.post("/users/register/", NEW | {"email": "ada@example.org"})
    client.logout()
    unknown = client.post("/users/register/", NEW | {"username": "joan", "email": "j@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [len(mail.to) for mail in mailoutbox] == [1, 1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "ADA"),
        ("username", "ada@example.org"),
        ("username", "x" * 151),
        ("username", "a\x00b"),
        ("email", "no address"),
        ("email", f"{'x' * 250}@example.org"),
        ("password1", "short"),
        ("password1", "12345678901"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_kept(client, ada, field, value):
    response = client.post("/users/register/", NEW | {"password1": "grace-korrekt-9", field: value})

    html = response.content.decode()
    assert response.status_code == 422
    assert f'href="#id_{field}"' in html
    assert 'aria-invalid="true"' in html
    assert "korrekt" not in html
    assert User.objects.count() == 1


def test_a_page_asks_for_the_password_once(client):
    html = client.get("/users/register/").content.decode()

    assert html.count('type="password"') == 1
    assert "placeholder" not in html
    assert "<script" not in html


def test_closed_registration_says_so_and_takes_nobody(client, settings):
    settings.REGISTRATION_OPEN = False

    page = client.get("/users/register/")
    refused = client.post("/users/register/", NEW)

    assert "Registration is closed here." in page.content.decode()
    assert refused.status_code == 403
    assert not User.objects.exists()


def test_a_person_with_an_account_is_sent_to_the_chat(as_ada):
    assert as_ada.get("/users/register/")["Location"] == "/chat/"


def test_registering_goes_on_to_a_page_of_ours_only(client):
    response = client.post("/users/register/", NEW | {"next": "https://evil.example/"})

    assert response["Location"] == "/chat/"


def test_a_mail_server_that_is_away_stops_nobody(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    response = client.post("/users/register/", NEW | {"email": "grace@example.org"})

    assert response["Location"] == "/chat/"


def test_too_many_registrations_from_one_place_are_answered_in_words(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "3/m/ip"}
    for _ in range(3):
        client.post("/users/register/", {})

    response = client.post("/users/register/", NEW, headers={"x-forwarded-for": "203.0.113.9"})

    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert not User.objects.exists()


class MeetingHasher(MD5PasswordHasher):
    """Both people have passed the form before either is saved."""

    barrier = threading.Barrier(2)

    def encode(self, *args, **kwargs):
        self.barrier.wait(30)
        return super().encode(*args, **kwargs)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_name_at_once_one_is_told(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.MeetingHasher"]
    answers = []

    def register():
        answers.append(Client().post("/users/register/", NEW).status_code)
        connections.close_all()

    threads = [threading.Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [302, 422]
    assert User.objects.count() == 1
