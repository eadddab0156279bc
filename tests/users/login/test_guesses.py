"""Guesses at passwords: slow for who makes them, from wherever, and no lock for the owner."""

import pytest
from django.test import Client

from apps.users.models import User
from tests.attacks import guessing
from tests.factories import PASSWORD, make_user

LOOKED_AT = 20  # In ten minutes, of all strangers together.


def log_in(client, name="ada", password=PASSWORD, address="203.0.113.5"):
    data = {"username": name, "password": password}
    return client.post("/users/login/", data, REMOTE_ADDR=address)


def attack(name="ada", count=40):
    client = Client()
    return guessing.guess(
        lambda password, address: log_in(client, name, password, address).status_code,
        guessing.addresses(count),
    )


@pytest.mark.row("O-160")
@pytest.mark.any_engine
@pytest.mark.parametrize("name", ["ada", "ada@example.org", "nobody"])
def test_many_addresses_guess_no_more_than_a_few(ada, name):
    assert attack(name) == {422: LOOKED_AT, 429: 40 - LOOKED_AT}


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_the_right_password_is_not_found_out_by_strangers_either(ada):
    attack()
    response = log_in(Client())
    assert response.status_code == 429
    assert "from a browser in which you were logged in before" in response.content.decode()


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_the_owner_logs_in_from_their_own_browser_meanwhile(ada):
    browser = Client()
    log_in(browser)
    browser.get("/chat/")
    browser.post("/users/logout/")
    attack()
    assert log_in(browser, password="mistyped").status_code == 422
    assert log_in(browser, "ADA@example.org")["Location"] == "/chat/"


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_a_browser_of_somebody_else_guesses_like_any_other(ada, client):
    make_user("eve")
    log_in(client, "eve")
    client.get("/chat/")
    client.post("/users/logout/")
    attack()
    assert log_in(client).status_code == 429


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_guesses_from_one_network_of_ipv6_are_counted_together(ada):
    answers = [
        log_in(Client(), password="wrong", address=f"2001:db8::{n:x}").status_code
        for n in range(1, 8)
    ]
    assert answers == [422] * 5 + [429] * 2


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_the_own_browser_guesses_no_faster_than_another(ada):
    browser = Client()
    log_in(browser)
    browser.get("/chat/")
    browser.post("/users/logout/")
    answers = [
        log_in(browser, password="wrong", address=f"203.0.113.{n}").status_code for n in range(7)
    ]
    assert answers == [422] * 5 + [429] * 2


@pytest.mark.row("O-160")
@pytest.mark.any_engine
def test_those_who_succeed_are_not_counted(ada):
    for number in range(LOOKED_AT + 5):
        assert log_in(Client(), address=f"198.51.100.{number}").status_code == 302
    assert User.objects.get().last_login
