"""What every answer carries: the policy, the cookies, and who may keep it."""

import re

import pytest
from django.test import Client

from tests.chat.talk import HTMX, Pieces, answered, press, say
from tests.chat.views.test_access import filled, patterns
from tests.factories import PASSWORD, make_conversation, make_reply
from tests.page import Page

pytestmark = pytest.mark.any_database

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'nonce'", "'strict-dynamic'"},
    "style-src": {"'self'"},
    "connect-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "require-trusted-types-for": {"'script'"},
    "trusted-types": {"htmx"},
}
ROUTES = sorted({route for _, route in patterns()})


def policy(response):
    header = re.sub(r"'nonce-[^']+'", "'nonce'", response["Content-Security-Policy"])
    directives = [directive.split() for directive in header.split(";")]
    return {name: set(sources) for name, *sources in directives}


def nonce(response):
    return re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])[1]


def check(response, path):
    has_nonce = "nonce-" in response["Content-Security-Policy"]
    found = policy(response)
    if not has_nonce:  # A page without scripts needs none.
        found["script-src"].add("'nonce'")
    assert found == POLICY, path
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "microphone=()" in response["Permissions-Policy"]
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]
    assert "Server" not in response


@pytest.mark.parametrize("who", ["ada", "nobody"])
def test_every_address_has_the_policy_and_is_not_kept(ada_client, ada, who, subtests):
    reply = make_reply(make_conversation(ada, "Question"), "Answer")
    for route in ROUTES:
        pk = reply.pk if "messages" in route else reply.conversation_id
        path = filled(route).replace("1", str(pk))
        client = ada_client if who == "ada" else Client()
        for headers in {}, HTMX:
            with subtests.test(path, headers=headers):
                response = client.get(path, headers=headers)
                check(response, path)
                if response.streaming:
                    Pieces(response).rest()
    assert ada_client.get("/chat/").status_code == 200  # She has been logged in all the time.


def test_pages_that_were_not_found_or_refused_have_the_policy_too(ada_client):
    check(ada_client.get("/chat/1/"), "404")
    check(ada_client.get("/nowhere/"), "404")
    check(ada_client.post("/chat/"), "405")
    check(Client(enforce_csrf_checks=True).post("/chat/new/"), "403")
    check(say(ada_client, ""), "422")


def test_every_element_of_htmx_has_the_nonce_of_its_own_answer(ada_client, demo):
    """Or it does nothing: pages and fragments alike."""
    first = answered(ada_client)
    demo.fault = "cut"
    responses = [say(ada_client, "More", first.conversation, headers=HTMX)]
    responses.append(say(ada_client, "Too early", first.conversation, headers=HTMX))
    responses += [ada_client.get(f"/chat/{first.conversation_id}/"), ada_client.get("/chat/new/")]
    responses.append(ada_client.get(f"/chat/messages/{first.pk}/", headers=HTMX))
    responses.append(say(ada_client, "New", headers=HTMX))
    responses.append(say(ada_client, " ", headers=HTMX))
    for response in responses:
        if "HX-Redirect" in response.headers:
            continue  # It has no page of its own.
        elements = [
            element
            for element in Page(response).root.iter()
            if any(name.startswith("hx-") for name in element.attrib)
        ]
        assert elements
        assert {element.get("hx-nonce") for element in elements} == {nonce(response)}


def test_a_nonce_is_used_once(ada_client):
    pages = [ada_client.get("/chat/") for _ in range(2)]
    assert nonce(pages[0]) != nonce(pages[1])
    scripts = Page(pages[0]).all("script")
    assert {script.get("nonce") for script in scripts} == {nonce(pages[0])}
    assert all(script.get("src") for script in scripts)


def test_the_growing_page_keeps_its_nonce_to_the_end(demo, grow):
    """Its last part is rendered when the headers are long gone."""
    _, growing = grow()
    page = Page(growing.rest())
    found = {each.get("hx-nonce") for each in page.root.iter() if each.get("hx-nonce")}
    assert found == {nonce(growing.response)}


def test_cookies_are_for_the_server_only(client, ada):
    client.get("/users/login/")
    client.post("/users/login/", {"username": "ada", "password": PASSWORD})
    assert client.get("/chat/").status_code == 200
    for name in "csrftoken", "sessionid":
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"
        assert client.cookies[name]["domain"] == ""


def test_the_admin_loads_only_what_is_its_own(admin_client):
    found = policy(admin_client.get("/admin/"))
    assert found["script-src"] == found["style-src"] == {"'self'"}
    assert found["default-src"] == {"'none'"}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_address_with_two_answers_says_so(ada_client, demo, headers):
    """Whatever is between has to know that htmx gets another body."""
    reply = answered(ada_client)
    for path in f"/chat/messages/{reply.pk}/", "/chat/new/":
        assert "HX-Request" in ada_client.get(path, headers=headers)["Vary"]


@pytest.mark.row("O-057")
def test_a_redirect_after_a_post_is_no_reason_to_post_again(ada_client, demo):
    """303, for 302 leaves it to the browser."""
    reply = answered(ada_client)
    for action in "stop", "show", "again":
        assert press(ada_client, reply, action).status_code == 303
    assert ada_client.post(f"/chat/{reply.conversation_id}/delete/").status_code == 303
