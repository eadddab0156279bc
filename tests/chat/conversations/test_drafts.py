"""What is typed is kept on the server, and never brings back what was sent."""

import uuid

import pytest
from django.test import Client

from tests.chat.talk import HTMX, ask, post, say
from tests.factories import make_conversation
from tests.page import Page

TEXT = "Half a thou\r\nght, <b>and</b> more"
SHOWN = TEXT.replace("\r\n", "\n")


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "Question", "Answer")


@pytest.fixture(params=["conversation", "new"])
def page(request, conversation):
    """The path of a page with a composer."""
    return f"/chat/{conversation.pk}/" if request.param == "conversation" else "/chat/new/"


def keep(client, page, text=TEXT, key=None):
    """Post what htmx does when somebody pauses to type."""
    fields = {"message": text, "key": key or str(uuid.uuid4())}
    response = post(client, f"{page}draft/", headers=HTMX, **fields)
    assert response.status_code in (204, 401)
    return response


def send(client, page, text, key):
    path = page if page == "/chat/new/" else f"{page}send/"
    return post(client, path, message=text, key=key)


def typed(client, page):
    return Page(client.get(page)).typed


def test_a_draft_is_shown_wherever_the_person_looks(ada_client, ada, page):
    keep(ada_client, page)
    assert typed(ada_client, page) == SHOWN
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert typed(elsewhere, page) == SHOWN


def test_the_composer_beside_the_list_is_that_of_a_new_chat(ada_client):
    keep(ada_client, "/chat/new/")
    assert typed(ada_client, "/chat/") == SHOWN


def test_nobody_else_sees_a_draft(ada_client, bob_client, conversation):
    keep(ada_client, "/chat/new/")
    keep(ada_client, f"/chat/{conversation.pk}/")
    assert typed(bob_client, "/chat/new/") == ""


def test_a_draft_can_be_emptied(ada_client, page):
    keep(ada_client, page)
    keep(ada_client, page, "")
    assert typed(ada_client, page) == ""


def test_each_conversation_has_its_own(ada_client, ada, conversation):
    keep(ada_client, f"/chat/{conversation.pk}/")
    assert typed(ada_client, "/chat/new/") == ""
    other = make_conversation(ada, "Other")
    assert typed(ada_client, f"/chat/{other.pk}/") == ""


def test_what_is_sent_is_no_draft_any_more(ada_client, page, demo):
    key = Page(ada_client.get(page)).key
    keep(ada_client, page, "Half", key)
    assert send(ada_client, page, "Half a thought", key).status_code == 303
    assert typed(ada_client, page) == ""


def test_a_draft_that_comes_too_late_does_not_bring_back_what_was_sent(ada_client, page, demo):
    key = Page(ada_client.get(page)).key
    send(ada_client, page, "Half a thought", key)
    keep(ada_client, page, "Half", key)
    assert typed(ada_client, page) == ""


def test_the_next_composer_keeps_its_drafts(ada_client, page, demo):
    send(ada_client, page, "A thought", Page(ada_client.get(page)).key)
    keep(ada_client, page, "The next", Page(ada_client.get(page)).key)
    assert typed(ada_client, page) == "The next"


def test_what_was_refused_is_kept(ada_client, page, demo):
    text = "Seven. " * 14_287
    assert send(ada_client, page, text, str(uuid.uuid4())).status_code == 422
    assert typed(ada_client, page) == text


def test_what_has_to_wait_is_kept(ada_client, demo):
    demo.fault = "silent"
    conversation = ask(ada_client).conversation
    assert say(ada_client, "Too early", conversation).status_code == 409
    assert typed(ada_client, f"/chat/{conversation.pk}/") == "Too early"


def test_a_draft_of_a_session_that_is_over_waits_for_the_log_in(ada_client, ada, page):
    ada_client.logout()
    assert keep(ada_client, page).status_code == 401
    ada_client.force_login(ada)
    shown = Page(ada_client.get(page))
    assert shown.typed == SHOWN
    assert shown.named("message").get("hx-trigger").startswith("load")


def test_a_key_that_is_none_does_no_harm(ada_client, page):
    keep(ada_client, page, key="not-a-key")
    assert typed(ada_client, page) == SHOWN


def test_a_starter_is_not_offered_beside_a_draft(ada_client):
    assert "Explain how tides work to a ten-year-old." in Page(ada_client.get("/chat/new/")).links
    keep(ada_client, "/chat/new/")
    links = Page(ada_client.get("/chat/new/")).links
    assert "Explain how tides work to a ten-year-old." not in links
