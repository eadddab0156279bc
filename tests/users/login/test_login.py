import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from tests.factories import PASSWORD

pytestmark = pytest.mark.any_database

WRONG = "This username and password do not go together."


def log_in(client, username="ada", password=PASSWORD, next_="", **headers):
    data = {"username": username, "password": password, "next": next_}
    return client.post("/users/login/", data, headers=headers)


def words(response):
    """The page without its tokens, and without the name that was typed."""
    html = re.sub(r'value="[^"]*"', "", response.content.decode())
    return re.sub(r'nonce(="|-)[^"]*"', "", html)


@pytest.mark.parametrize("name", ["ada", "Ada", " ada ", "ada@example.org", "ADA@example.org"])
def test_a_person_logs_in_by_name_or_address(client, ada, name):
    assert log_in(client, name)["Location"] == "/chat/"
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_a_new_session_key_is_given_at_log_in(client, ada):
    client.get("/users/login/")
    client.session.save()
    before = client.session.session_key

    log_in(client)

    assert client.session.session_key != before


@pytest.mark.parametrize("kept", [True, False])
def test_a_person_chooses_whether_the_browser_remembers(client, ada, kept):
    data = {"username": "ada", "password": PASSWORD} | ({"remember": "on"} if kept else {})

    client.post("/users/login/", data)

    assert bool(client.cookies["sessionid"]["max-age"]) is kept


@pytest.mark.parametrize("name", ["ada", "nobody", "ada@example.org", "nobody@example.org", "off"])
def test_a_wrong_password_looks_the_same_for_known_and_unknown(client, ada, name):
    ada.__class__.objects.create_user("off", password=PASSWORD, is_active=False)

    response = log_in(client, name, "wrong")

    assert response.status_code == 422
    assert WRONG in response.content.decode()
    assert words(response) == words(log_in(Client(), "someone-else", "wrong"))


def test_an_inactive_person_gets_the_answer_of_a_wrong_password(client, ada):
    ada.__class__.objects.update(is_active=False)

    right, wrong = log_in(client), log_in(client, password="wrong")

    assert right.status_code == wrong.status_code == 422
    assert words(right) == words(wrong)


@pytest.mark.parametrize("name", ["ada", "nobody", "ada@example.org", "nobody@example.org"])
def test_a_wrong_password_costs_one_hash_whoever_is_named(client, ada, name, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    ada.set_password(PASSWORD)
    ada.save()
    CountingHasher.count = 0

    log_in(client, name, "wrong")

    assert CountingHasher.count == 1


class CountingHasher(PBKDF2PasswordHasher):
    iterations = 1
    count = 0

    def encode(self, *args, **kwargs):
        CountingHasher.count += 1
        return super().encode(*args, **kwargs)


def test_a_failed_form_keeps_the_name_and_drops_the_password(client, ada):
    html = log_in(client, password="wrong-one").content.decode()

    assert 'value="ada"' in html
    assert "wrong-one" not in html
    assert 'role="alert"' in html


@pytest.mark.parametrize("data", [{}, {"username": ""}, {"username": "a\x00", "password": "x"}])
def test_an_incomplete_form_is_refused(client, data):
    assert client.post("/users/login/", data).status_code == 422


def test_a_very_long_name_and_password_are_refused(client):
    assert log_in(client, "x" * 100_000, "y" * 100_000).status_code == 422


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https:///evil.example",
        "javascript:alert(1)",
        " https://evil.example/",
    ],
)
def test_log_in_leads_nowhere_else(client, ada, target):
    assert log_in(client, next_=target)["Location"] == "/chat/"
    assert client.get("/users/login/", {"next": target})["Location"] == "/chat/"


def test_log_in_leads_back_to_the_page_that_asked(client, ada):
    asked = client.get("/users/profile/")
    assert asked["Location"] == "/users/login/?next=/users/profile/"
    page = client.get(asked["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/users/profile/">' in page

    assert log_in(client, next_="/users/profile/")["Location"] == "/users/profile/"


def test_a_person_who_is_logged_in_is_sent_to_the_chat(as_ada):
    assert as_ada.get("/users/login/")["Location"] == "/chat/"


def test_only_a_post_logs_out(as_ada):
    page = as_ada.get("/users/logout/")
    assert page.content.decode().count("Log out</button>") == 1
    assert "_auth_user_id" in as_ada.session

    assert as_ada.post("/users/logout/")["Location"] == "/"
    assert "_auth_user_id" not in as_ada.session


def test_log_out_needs_the_token(ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    assert client.post("/users/logout/").status_code == 403
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded"])
def test_failed_tries_are_limited_whatever_the_headers_say(client, ada, header):
    for n in range(5):
        assert log_in(client, password="wrong", **{header: f"203.0.113.{n}"}).status_code == 422

    limited = log_in(client, **{header: "203.0.113.99"})

    assert limited.status_code == 429
    assert "Wait five minutes" in limited.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_unknown_name_is_limited_like_a_known_one(client, ada):
    answers = {
        name: [log_in(client, name, "wrong").status_code for _ in range(6)]
        for name in ("ada", "nobody")
    }

    assert answers["ada"] == answers["nobody"] == [422] * 5 + [429]


def test_failures_elsewhere_lock_nobody_out(client, ada):
    for _ in range(6):
        client.post(
            "/users/login/",
            {"username": "ada", "password": "wrong"},
            REMOTE_ADDR="198.51.100.7",
        )

    assert log_in(client)["Location"] == "/chat/"


def test_one_place_cannot_try_many_names(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "4/m/ip"}
    for n in range(4):
        log_in(client, f"name{n}", **{"x-forwarded-for": f"203.0.113.{n}"})

    response = log_in(client, "name9", **{"x-forwarded-for": "203.0.113.99"})

    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()


def test_behind_a_trusted_proxy_the_address_it_saw_counts(client, ada, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(5):
        log_in(client, password="wrong", **{"x-forwarded-for": f"192.0.2.{n}, 203.0.113.5"})

    same = log_in(client, **{"x-forwarded-for": "192.0.2.77, 203.0.113.5"})
    other = log_in(Client(), **{"x-forwarded-for": "192.0.2.77, 203.0.113.6"})

    assert same.status_code == 429
    assert other["Location"] == "/chat/"


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.5")])
def test_the_log_tells_from_where_a_log_in_failed_and_nothing_else(
    client, ada, settings, caplog, proxies, address
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    log_in(client, "my-secret", "wrong", **{"x-forwarded-for": "192.0.2.9, 203.0.113.5"})

    lines = [each.getMessage() for each in caplog.records if each.name == "apps.users.adapters"]
    assert lines == [f"log-in failed from {address}"]


@pytest.mark.parametrize("forwarded", ["203.0.113.5", "", "nonsense, more nonsense"])
def test_a_chain_shorter_than_the_proxies_is_no_error(client, ada, settings, forwarded):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

    assert log_in(client, **{"x-forwarded-for": forwarded})["Location"] == "/chat/"


@pytest.mark.parametrize("header", ["authorization", "remote-user", "x-forwarded-user", "x-user"])
def test_no_header_logs_anyone_in(client, ada, header):
    assert client.get("/users/profile/", headers={header: "ada"}).status_code == 302


def test_scripts_get_the_same_pages_as_people(client, ada):
    response = log_in(client, password="wrong", accept="application/json")

    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    [
        "inactive/",
        "signup/",
        "confirm-email/",
        "login/code/",
        "mfa/webauthn/",
        "mfa/trust/",
        "3rdparty/",
    ],
)
def test_pages_that_we_do_not_want_are_not_there(client, path):
    assert client.get(f"/users/{path}").status_code == 404
