import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from tests.factories import PASSWORD

pytestmark = pytest.mark.any_database


def code_for(secret, step=1):
    """Return the code of a step from now on: the present one has switched two steps on."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


@pytest.fixture
def secret(as_ada, ada):
    """The secret of ada, who has switched two-step log-in on."""
    html = as_ada.get("/users/mfa/totp/activate/").content.decode()
    secret = re.search(r'card__secret">([A-Z2-7]+)<', html).group(1)
    response = as_ada.post("/users/mfa/totp/activate/", {"code": code_for(secret, 0)})
    assert response["Location"] == "/users/mfa/recovery-codes/"
    return secret


def first_step(username="ada"):
    client = Client()
    response = client.post("/users/login/", {"username": username, "password": PASSWORD})
    assert response["Location"] == "/users/mfa/authenticate/"
    assert "_auth_user_id" not in client.session
    return client


def test_the_page_shows_a_picture_and_the_secret_as_text(as_ada):
    html = as_ada.get("/users/mfa/totp/activate/").content.decode()

    assert 'src="data:image/svg+xml;base64,' in html
    assert "<script" not in html
    assert "style=" not in html


def test_a_wrong_code_switches_nothing_on(as_ada, ada):
    as_ada.get("/users/mfa/totp/activate/")

    response = as_ada.post("/users/mfa/totp/activate/", {"code": "000"})

    assert response.status_code == 422
    assert not Authenticator.objects.exists()


def test_the_password_alone_no_longer_lets_in(secret, ada):
    client = first_step()
    assert client.get("/users/profile/").status_code == 302

    response = client.post("/users/mfa/authenticate/", {"code": code_for(secret)})

    assert response["Location"] == "/chat/"
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_the_page_that_asked_is_reached_after_both_steps(secret):
    client = Client()
    data = {"username": "ada", "password": PASSWORD, "next": "/users/profile/"}
    client.post("/users/login/", data)

    response = client.post("/users/mfa/authenticate/", {"code": code_for(secret)})

    assert response["Location"] == "/users/profile/"


def test_the_code_that_switched_two_steps_on_does_not_log_in(as_ada):
    html = as_ada.get("/users/mfa/totp/activate/").content.decode()
    secret = re.search(r'card__secret">([A-Z2-7]+)<', html).group(1)
    code = code_for(secret, 0)
    as_ada.post("/users/mfa/totp/activate/", {"code": code})

    for spelt in (code, f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}"):
        response = first_step().post("/users/mfa/authenticate/", {"code": spelt})
        assert response.status_code == 422, spelt


def test_a_code_works_once(secret, ada):
    code = code_for(secret)
    first_step().post("/users/mfa/authenticate/", {"code": code})
    # allauth's own memory of it lasts one step; the code is valid for longer.
    cache.delete(f"allauth.mfa.totp.used?user={ada.pk}&code={code}")

    for spelt in (code, f"{code[:3]} {code[3:]}"):
        again = first_step().post("/users/mfa/authenticate/", {"code": spelt})
        assert again.status_code == 422
        assert "used before" in again.content.decode()
        cache.delete(f"allauth.mfa.totp.used?user={ada.pk}&code={code}")


def test_a_recovery_code_lets_in_once(secret, as_ada):
    page = as_ada.get("/users/mfa/recovery-codes/").content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", page)
    assert len(codes) == 10

    first = first_step().post("/users/mfa/authenticate/", {"code": codes[0]})
    again = first_step().post("/users/mfa/authenticate/", {"code": codes[0]})

    assert first["Location"] == "/chat/"
    assert again.status_code == 422


def test_recovery_codes_come_as_text_and_can_be_renewed(secret, as_ada):
    old = as_ada.get("/users/mfa/recovery-codes/download/")
    as_ada.post("/users/mfa/recovery-codes/generate/")
    new = as_ada.get("/users/mfa/recovery-codes/download/")

    assert old["Content-Type"] == "text/plain"
    assert len(old.content.split()) == 10
    assert not set(old.content.split()) & set(new.content.split())


def test_codes_are_shown_only_after_the_password(secret, ada):
    client = Client()
    client.force_login(ada)

    for path in ("recovery-codes/", "recovery-codes/download/", "totp/deactivate/"):
        assert client.get(f"/users/mfa/{path}")["Location"].startswith("/users/reauthenticate/")


def test_a_code_can_stand_for_the_password(secret, ada):
    client = Client()
    client.force_login(ada)
    page = client.get("/users/reauthenticate/").content.decode()
    assert "/users/mfa/reauthenticate/" in page

    client.post("/users/mfa/reauthenticate/", {"code": code_for(secret)})

    assert client.get("/users/mfa/recovery-codes/").status_code == 200


def test_codes_are_not_guessed(secret):
    client = first_step()

    answers = [
        client.post("/users/mfa/authenticate/", {"code": f"{n:06}"}).status_code for n in range(7)
    ]

    assert answers[-1] == 429


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_codes_that_strangers_try_keep_nobody_out_of_their_own_browser(secret, as_ada):
    as_ada.get("/chat/")
    as_ada.post("/users/logout/")
    stranger = first_step()
    answers = [
        stranger.post(
            "/users/mfa/authenticate/", {"code": f"{n:06}"}, REMOTE_ADDR=f"198.51.100.{n}"
        ).status_code
        for n in range(7)
    ]
    assert answers == [422] * 5 + [429] * 2
    as_ada.post("/users/login/", {"username": "ada", "password": PASSWORD})
    response = as_ada.post("/users/mfa/authenticate/", {"code": code_for(secret)})
    assert response["Location"] == "/chat/"


def test_it_can_be_switched_off(secret, as_ada):
    as_ada.post("/users/mfa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    response = Client().post("/users/login/", {"username": "ada", "password": PASSWORD})
    assert response["Location"] == "/chat/"


def test_the_second_step_can_be_left(secret):
    client = first_step()

    client.post("/users/logout/", {"next": "/users/login/"})

    assert client.get("/users/login/").status_code == 200


def test_nobody_starts_at_the_second_step(client):
    assert client.get("/users/mfa/authenticate/")["Location"] == "/users/login/"


def test_the_overview_tells_how_it_stands(secret, as_ada, ada):
    assert "10 codes are left" in as_ada.get("/users/mfa/").content.decode()
