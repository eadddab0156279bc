"""A person asks, and the model answers."""

import threading
import uuid

import pytest
from django.db import connections
from django.test import Client

from apps.chat.models import Conversation, Message
from tests.chat.talk import HTMX, answered, ask, ended, newest, page_of, say
from tests.factories import make_conversation
from tests.page import Page
from tests.upstream import STOP, Upstream, head, part, until


def test_the_first_message_makes_a_conversation_with_a_reply(ada_client, ada, demo):
    response = say(ada_client, "What are tides?\nIn short.")

    conversation = Conversation.objects.get()
    question, reply = conversation.messages.all()
    assert conversation.user == ada
    assert conversation.title == "What are tides? In short."
    assert (question.role, question.content) == ("user", "What are tides?\nIn short.")
    assert (reply.role, reply.parent) == ("assistant", question)
    assert response.status_code == 303
    assert response["Location"] == f"/chat/{conversation.pk}/follow/"
    assert "demo model" in ended(reply).content


def test_the_message_is_stored_before_anything_is_sent(ada_client, demo):
    """I1: at the moment of the answer the rows are there, whatever the model does."""
    demo.fault = "silent"
    say(ada_client, "Keep me")
    assert Message.objects.filter(role="user", content="Keep me").exists()


def test_a_further_message_follows_the_reply_before_it(ada_client, demo):
    first = answered(ada_client, "First")
    second = answered(ada_client, "Second", first.conversation)
    assert second.parent.parent == first
    assert [message.name for message in page_of(ada_client, second).messages] == [
        "You",
        "Assistant",
    ] * 2


def test_htmx_gets_the_two_new_messages_and_a_fresh_composer(ada_client, demo):
    first = answered(ada_client)

    response = say(ada_client, "More", first.conversation, headers=HTMX)

    page = Page(response)
    assert [message.name for message in page.messages] == ["You", "Assistant"]
    assert page.messages[1].is_busy
    assert page.typed == ""
    assert "html" not in {element.tag for element in page.root}


def test_htmx_is_led_to_the_page_of_a_new_conversation(ada_client, demo):
    response = say(ada_client, "Hello", headers=HTMX)
    conversation = Conversation.objects.get()
    assert response["HX-Redirect"] == f"/chat/{conversation.pk}/"
    page = page_of(ada_client, conversation.messages.last())
    assert [message.name for message in page.messages] == ["You", "Assistant"]


def test_the_reply_names_its_model_and_its_tokens(ada_client, demo):
    reply = answered(ada_client)
    assert reply.model == "parlor-demo"
    assert reply.prompt_tokens > 0
    assert reply.completion_tokens > 0
    assert not reply.tokens_estimated
    assert reply.finished_at >= reply.timestamp


@pytest.mark.row("O-031")
def test_tokens_are_estimated_where_the_service_counts_none(ada_client, demo):
    demo.fault = "no-usage"
    reply = answered(ada_client)
    assert reply.completion_tokens > 0
    assert reply.tokens_estimated


@pytest.mark.row("O-055")
def test_one_double_click_makes_one_message(ada_client, ada, demo):
    key, start = str(uuid.uuid4()), threading.Barrier(2)
    clients, responses = [Client(), Client()], []

    def click(client):
        start.wait()
        responses.append(say(client, "Once", key=key))
        connections.close_all()

    for client in clients:
        client.force_login(ada)
    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    conversation = Conversation.objects.get()
    assert [message.role for message in conversation.messages.all()] == ["user", "assistant"]
    assert {response["Location"] for response in responses} == {f"/chat/{conversation.pk}/follow/"}
    ended(newest(conversation))
    assert len(demo.requests) == 1


@pytest.mark.row("O-057")
def test_a_form_that_is_sent_again_sends_nothing_again(ada_client, demo):
    key = str(uuid.uuid4())
    first = say(ada_client, "Once", key=key)
    ended(newest(Conversation.objects.get()))

    again = say(ada_client, "Once", key=key)
    again_by_htmx = say(ada_client, "Once", key=key, headers=HTMX)

    assert again["Location"] == first["Location"] == again_by_htmx["HX-Redirect"]
    assert Message.objects.count() == 2


def test_the_same_form_with_other_words_is_another_message(ada_client, demo):
    """Back shows the old form with its old key; what is typed there then must not get lost."""
    reply = answered(ada_client)
    key = str(uuid.uuid4())
    say(ada_client, "One", reply.conversation, key=key)
    ended(newest(reply.conversation))

    say(ada_client, "Two", reply.conversation, key=key)

    questions = reply.conversation.messages.filter(role="user")
    assert [message.content for message in questions] == ["Hello", "One", "Two"]


def test_a_client_without_our_form_needs_no_key(ada_client, demo):
    assert say(ada_client, "Hello", key="").status_code == 303


def test_a_key_that_is_none_is_replaced(ada_client, demo):
    response = say(ada_client, "Hello", key="no key")
    assert response.status_code == 422
    page = Page(response)
    assert page.typed == "Hello"
    assert say(ada_client, page.typed, key=page.key).status_code == 303


@pytest.mark.row("O-056")
def test_a_reload_shows_the_reply_that_is_on_its_way(ada_client, settings):
    with Upstream([head(), until(go := threading.Event()), part("Here"), STOP]) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        settings.CHAT_DEFAULT_MODEL = "m"
        reply = ask(ada_client)
        message = page_of(ada_client, reply).messages[1]
        assert message.is_busy
        go.set()
        assert ended(reply).content == "Here"
    assert Message.objects.count() == 2


@pytest.mark.row("O-059")
def test_a_second_message_has_to_wait_for_the_reply(ada_client, ada, demo):
    """It is refused, it stays in the composer, and the order of the rows is the order."""
    demo.fault = "silent"
    reply = ask(ada_client, "First")
    other_tab = Client()
    other_tab.force_login(ada)

    response = say(other_tab, "Second,\n in haste", reply.conversation)

    assert response.status_code == 409
    assert Page(response).typed == "Second,\n in haste"
    assert "Wait for the reply" in Page(response).alerts[0]
    assert Message.objects.filter(role="user").count() == 1


@pytest.mark.row("O-059")
def test_htmx_gets_the_refused_message_back_in_the_composer(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client, "First")
    key = str(uuid.uuid4())

    response = say(ada_client, "Second", reply.conversation, headers=HTMX, key=key)

    assert response.status_code == 409
    page = Page(response)
    assert page.typed == "Second"
    assert page.key == key
    assert "Wait for the reply" in page.alerts[0]
    assert "Stop" in page.composer_buttons
    assert page.messages == []


def test_what_was_refused_can_be_sent_when_the_reply_has_ended(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client, "First")
    key = Page(say(ada_client, "Second", reply.conversation)).key
    ada_client.post(f"/chat/messages/{reply.pk}/stop/")
    demo.fault = None
    assert say(ada_client, "Second", reply.conversation, key=key).status_code == 303


def test_a_conversation_sees_its_own_messages_only(ada_client, demo):
    one, other = answered(ada_client, "One"), answered(ada_client, "Other")
    assert {one.conversation_id, other.conversation_id} == {
        message.conversation_id for message in Message.objects.all()
    }
    assert "Other" not in page_of(ada_client, one).messages[0].text


def test_a_conversation_moves_to_the_top_when_it_goes_on(ada_client, ada, demo):
    old, new = make_conversation(ada, title="Old"), make_conversation(ada, title="New")
    assert list(ada.conversations.newest_first()) == [new, old]
    answered(ada_client, "More", old)
    assert list(ada.conversations.newest_first()) == [old, new]


def test_an_empty_composer_stores_nothing(ada_client):
    assert ada_client.get("/chat/new/").status_code == 200
    assert not Conversation.objects.exists()
