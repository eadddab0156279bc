"""A conversation that outgrows its model, and what is learnt from that."""

import pytest
from django.urls import reverse

from apps.chat.models import Message
from apps.core.models import ModelQuirk
from apps.gateway import quirk_store
from tests.chat.talk import HTMX, answered, ended, newest, page_of, press
from tests.factories import make_conversation, make_message, make_reply
from tests.page import Page, links

pytestmark = pytest.mark.any_database


def asked(demo):
    """Return the messages of each request for a reply."""
    sent = [request["body"]["messages"] for request in demo.requests]
    return [messages for messages in sent if not messages[0]["content"].startswith("You summarise")]


@pytest.fixture
def conversation(ada):
    conversation = make_conversation(ada)
    for number in range(4):
        make_message(conversation, f"Question {number} " + "word " * 60)
        make_reply(conversation, f"Answer {number} " + "word " * 60)
    return conversation


def talk_on(client, demo, conversation, turns):
    """Say something so many times; return how often the service was asked each time."""
    counts = []
    for number in range(turns):
        before = len(asked(demo))
        reply = answered(client, f"Next {number} " + "word " * 40, conversation)
        counts.append(len(asked(demo)) - before)
        assert (reply.state, reply.error) == ("done", "")
    return counts


@pytest.mark.row("O-129")
def test_a_size_that_is_named_counts_for_all_later_turns(ada_client, demo, conversation):
    demo.fault = "context-small"
    counts = talk_on(ada_client, demo, conversation, 5)
    assert counts[1:] == [1, 1, 1, 1]
    assert asked(demo)[-1][-1]["content"].startswith("Next 4")


@pytest.mark.row("O-129")
def test_the_next_start_knows_the_size(ada_client, demo, conversation):
    demo.fault = "context-small"
    talk_on(ada_client, demo, conversation, 1)
    assert ModelQuirk.objects.get(name="context_tokens").value == 400
    quirk_store.forget()  # As a new process does.
    assert talk_on(ada_client, demo, conversation, 2) == [1, 1]


def test_what_was_learnt_is_forgotten_when_its_row_is_deleted(ada_client, demo, conversation):
    demo.fault = "context-small"
    talk_on(ada_client, demo, conversation, 1)
    ModelQuirk.objects.all().delete()
    quirk_store.forget()
    demo.fault = None
    first = len(asked(demo)[-1])
    answered(ada_client, "Next", conversation)
    assert len(asked(demo)[-1]) > first


@pytest.mark.row("O-129")
def test_a_service_that_says_nothing_is_never_the_end_of_it(ada_client, demo, conversation):
    demo.fault = "context-nothing-small"
    counts = talk_on(ada_client, demo, conversation, 6)
    assert max(counts) == 2


@pytest.mark.row("O-129")
def test_an_empty_stream_is_asked_once_more_with_half_and_told_as_too_long(
    ada_client, demo, conversation
):
    demo.fault = "context-nothing"
    reply = answered(ada_client, "Next", conversation)
    first, second = asked(demo)
    assert len(second) <= len(first) / 2 + 1
    assert (reply.state, reply.error, reply.content) == ("error", "context", "")
    article = page_of(ada_client, reply).messages[-1]
    assert {"Edit", "parlor-demo-mini"} <= set(article.buttons)
    assert "New chat" in links(article.element)
    assert "Choose model" in article.text


@pytest.mark.row("O-129")
@pytest.mark.parametrize("words", ["word " * 1000, "x" * 10_000])
def test_what_is_known_not_to_fit_is_said_and_not_sent(ada_client, demo, settings, words):
    settings.CHAT_MODEL_CONTEXT = {"parlor-demo": 500}
    reply = answered(ada_client, words)
    assert (reply.state, reply.error) == ("error", "context")
    assert asked(demo) == []
    assert "too long for parlor-demo" in page_of(ada_client, reply).messages[-1].note


@pytest.mark.row("O-129")
def test_what_was_refused_is_not_sent_again(ada_client, demo):
    """By the estimate alone it would not be known: the words are long."""
    demo.fault = "context-small"
    reply = answered(ada_client, "Incomprehensibilities " * 80)
    assert reply.error == "context"
    before = len(asked(demo))
    press(ada_client, reply, "again")
    assert ended(newest(reply.conversation)).error == "context"
    assert len(asked(demo)) == before


@pytest.mark.row("O-129")
def test_what_might_fit_is_sent(ada_client, demo, settings):
    settings.CHAT_MODEL_CONTEXT = {"parlor-demo": 500}
    assert answered(ada_client, "Incomprehensibilities " * 95).state == "done"


@pytest.mark.row("O-129")
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_another_model_takes_the_conversation_over(ada_client, demo, settings, headers):
    settings.CHAT_MODEL_CONTEXT = {"parlor-demo": 500}
    reply = answered(ada_client, "word " * 1000)
    press(ada_client, reply, "again", headers=headers, other_model="parlor-demo-mini")
    again = ended(newest(reply.conversation))
    assert (again.state, again.model) == ("done", "parlor-demo-mini")
    assert answered(ada_client, "More", reply.conversation).model == "parlor-demo-mini"


@pytest.mark.row("O-134")
def test_the_next_start_knows_who_may_not_stream(ada_client, demo):
    demo.fault = "stream-unverified"
    reply = answered(ada_client)
    assert (reply.state, len(demo.requests)) == ("done", 2)
    assert reply.content
    quirk_store.forget()
    assert answered(ada_client, "More", reply.conversation).state == "done"
    assert len(demo.requests) == 3
    assert "stream" not in demo.requests[-1]["body"]


# What ended early.

WITH_TEXT = {
    "error-in-stream": "unavailable",
    "event-error": "unavailable",
    "broken-json": "unreadable",
    "cut": "cut",
    "reset": "cut",
    "filter": "filter",
    "length": "length",
    "one-big": "too_big",
}


@pytest.mark.row("O-143")
@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("fault", WITH_TEXT)
def test_what_ended_early_with_some_text_goes_on(ada_client, demo, settings, fault, headers):
    settings.CHAT_REPLY_MAX_CHARS = 5_000
    demo.fault = fault
    reply = answered(ada_client)
    assert reply.error == WITH_TEXT[fault]
    goes_on(ada_client, demo, reply, headers)


def goes_on(client, demo, reply, headers):
    article = page_of(client, reply).messages[-1]
    assert article.buttons["Continue"] == f"/chat/messages/{reply.pk}/continue/"
    assert {"Try again", "Regenerate"} & set(article.buttons)
    demo.fault = None
    response = press(client, reply, "continue", headers=headers)
    assert response.status_code == (200 if headers else 303)
    longer = ended(newest(reply.conversation))
    assert longer.pk != reply.pk
    assert longer.state == "done"
    assert longer.content.startswith(reply.content)
    assert len(longer.content) > len(reply.content)
    assert Message.objects.get(pk=reply.pk).content == reply.content
    assert "Continue" not in page_of(client, longer).messages[-1].buttons


@pytest.mark.row("O-143")
@pytest.mark.parametrize("state", ["stopped", "interrupted", "error"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_so_does_a_reply_that_was_stopped_whatever_its_code(ada_client, ada, demo, state, headers):
    conversation = make_conversation(ada, "Hello")
    reply = make_reply(conversation, "Half an answer", state=state, error="")
    goes_on(ada_client, demo, reply, headers)


@pytest.mark.row("O-143")
@pytest.mark.parametrize(
    ("state", "error", "content"),
    [("done", "", "All of it"), ("stopped", "", ""), ("stopped", "", " \n"),
     ("error", "unavailable", ""), ("interrupted", "restarted", "\n")],
)  # fmt: skip
def test_what_is_whole_or_has_no_text_offers_no_continue(ada_client, ada, state, error, content):
    conversation = make_conversation(ada, "Hello")
    reply = make_reply(conversation, content, state=state, error=error)
    assert "Continue" not in page_of(ada_client, reply).messages[-1].buttons


@pytest.mark.row("O-143")
def test_what_is_longer_than_the_room_goes_on_from_its_end(ada_client, ada, demo, settings):
    settings.CHAT_MODEL_CONTEXT = {"parlor-demo": 2_000}
    conversation = make_conversation(ada, "Hello")
    text = "".join(f"Sentence {number}. " for number in range(1_000))
    reply = make_reply(conversation, text, state="stopped")
    press(ada_client, reply, "continue")
    longer = ended(newest(conversation))
    assert longer.state == "done"
    assert longer.content.startswith(text)
    sent = asked(demo)[-1]
    assert sent[-2]["role"] == "assistant"
    assert sent[-2]["content"].endswith("Sentence 999. ")
    assert len(sent[-2]["content"]) < 4_000


@pytest.mark.row("O-133")
@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("retry-tomorrow", "The AI service is busy. Try again in 24 hours."),
        ("retry-in-days", "The AI service is busy. Try again in 3 days."),
        ("wrong-url-empty", "tell the administrator."),
        ("wrong-url-text", "tell the administrator."),
        ("404-html", "tell the administrator."),
        ("openai-responses-only", "is not available. Choose another one."),
        ("lmstudio-none-loaded", "is not available. Choose another one."),
        ("openrouter-flagged", "because of its content rules."),
        ("openrouter-200", "The AI service is busy. Try again in a moment."),
    ],
)
def test_each_error_is_told_with_its_next_step(ada_client, demo, settings, fault, note):
    settings.OPENAI_RETRY_SECONDS = ()
    demo.fault = fault
    reply = answered(ada_client)
    article = page_of(ada_client, reply).messages[-1]
    assert note in article.note
    if "wrong-url" in fault or fault == "404-html":
        assert "Try again" not in article.buttons
    if reply.error in ("model", "policy", "rejected"):
        assert "parlor-demo-mini" in article.buttons
        assert "Choose model" in article.text


@pytest.mark.row("O-133")
def test_what_is_learnt_is_shown_in_the_admin_and_can_be_deleted(admin_client, demo, ada_client):
    demo.fault = "stream-unverified"
    answered(ada_client)
    page = Page(admin_client.get(reverse("admin:core_modelquirk_changelist")))
    assert "stream" in page.text
    assert "parlor-demo" in page.text
    quirk = ModelQuirk.objects.get()
    assert str(quirk) == "parlor-demo: stream"
    delete = reverse("admin:core_modelquirk_delete", args=[quirk.pk])
    admin_client.post(delete, {"post": "yes"})
    assert not ModelQuirk.objects.exists()
