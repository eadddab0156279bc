"""Nobody blocks others: what one person or address may have of a server, held by a real one."""

import contextlib

import pytest

from apps.server.admission import control, request_bodies
from tests.attacks.crowd import Client, Person, attack
from tests.attacks.floods import FLOODS, hold

pytestmark = pytest.mark.any_engine

FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def person(shared_server):
    return Person(shared_server.url).register()


@pytest.mark.row("O-150")
@pytest.mark.parametrize("flood", ["urgent", "passwords", "bodies"])
def test_others_are_served_while_a_flood_lasts(shared_server, person, flood):
    with attack(*FLOODS[flood](shared_server.url)) as answers:
        person.look()
        person.stop(person.send())
    assert sum(answers.values())
    assert not {status for status in answers if status and status >= 500}


@pytest.mark.row("O-151")
def test_an_address_has_so_many_requests_at_once(shared_server, person):
    """Whoever has logged in is not the address, and is served."""
    with contextlib.ExitStack() as stack:
        for each in hold(shared_server.url, control.MOST_REQUESTS):
            stack.enter_context(contextlib.closing(each))
        stranger = Client(shared_server.url)
        german = {"Accept_Language": "de"}
        while stranger.get("/users/login/", **german).status == 200:
            pass  # The last of them are still being read.
        assert stranger.get("/users/login/", **german).status == 429
        assert "Zu viel auf einmal" in stranger.page
        assert stranger.get("/users/login/", HX_Request="true").status == 420
        person.look()
    while stranger.get("/users/login/").status != 200:
        pass  # Those who left are noticed.


@pytest.mark.row("O-152")
@pytest.mark.parametrize(
    ("path", "is_known", "size", "status"),
    [
        ("/nowhere/", True, 10, 404),
        ("/nowhere/", False, 1_000_000, 404),
        ("/users/login/", False, request_bodies.STRANGER_BYTES + 1, 413),
        ("/chat/import/", False, request_bodies.STRANGER_BYTES + 1, 413),
        ("/chat/new/", True, request_bodies.STRANGER_BYTES + 1, 403),
        ("/chat/preferences/", True, 11_000_000, 413),
    ],
)
def test_a_body_is_read_for_who_may_send_it(shared_server, person, path, is_known, size, status):
    """403: it was read, and had no token."""
    client = Client(shared_server.url)
    client.cookies = dict(person.cookies) if is_known else {}
    body = b"message=".ljust(size, b"x")
    assert client.request("POST", path, body, **FORM).status == status


@pytest.mark.row("O-152")
def test_a_form_whose_session_is_over_comes_with_all_its_words(shared_server):
    """The browser knows that somebody was logged in."""
    client = Client(shared_server.url).register()
    client.get("/chat/preferences/")
    token = client.field("csrfmiddlewaretoken")
    del client.cookies["sessionid"]
    body = f"csrfmiddlewaretoken={token}&message={'x' * 2 * request_bodies.STRANGER_BYTES}"
    assert client.request("POST", "/chat/new/", body, **FORM).status in (302, 303)
