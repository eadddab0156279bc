"""The stream of a reply: what htmx reads while the model writes."""

import threading
from itertools import chain

import pytest
from django.test import Client

from apps.chat.models import Message
from apps.chat.replies.streaming import channels, follow, html_cache
from apps.chat.views import live
from apps.markdown.stream import render_markdown
from apps.server import lifecycle
from tests.chat.talk import (
    HTMX,
    Pieces,
    Stream,
    answered,
    ask,
    ended,
    follow_page,
    page_of,
    press,
    settled,
    shown,
)
from tests.factories import make_conversation, make_reply
from tests.live_server import wait_until
from tests.page import Page
from tests.upstream import DONE, STOP, Upstream, delta, head, part, until

pytestmark = pytest.mark.any_database

PARTS = ["First paragraph,\n\n", "second one, ", "and its end."]
TEXT = "First paragraph, second one, and its end."


@pytest.fixture
def step(ada, settings):
    """A model that says each of the PARTS when the test says so: step[0].set()."""
    steps = [threading.Event() for _ in PARTS]
    said = zip(map(until, steps), map(part, PARTS), strict=True)
    with Upstream([head(), *chain.from_iterable(said), STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        settings.CHAT_DEFAULT_MODEL = "m"
        yield steps
        for event in steps:
            event.set()


@pytest.mark.row("O-052")
def test_the_words_arrive_while_they_are_written(ada_client, step):
    reply = ask(ada_client)
    stream = Stream(ada_client, reply)
    step[0].set()
    stream.until_shown("First paragraph,")
    assert Message.objects.get(pk=reply.pk).state == "running"
    step[1].set()
    stream.until_shown("second one")
    step[2].set()
    stream.to_the_end()
    assert stream.shown == TEXT
    assert stream.is_done
    assert ended(reply).content == "".join(PARTS)


def test_the_stream_is_neither_stored_nor_compressed_nor_buffered(ada_client, demo):
    reply = answered(ada_client)
    response = ada_client.get(
        f"/chat/messages/{reply.pk}/stream/", headers={"Accept-Encoding": "gzip"}
    )
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-cache, no-transform"
    assert response["X-Accel-Buffering"] == "no"
    assert response["Content-Encoding"] == "identity"
    Pieces(response).rest()


def test_the_stream_of_an_ended_reply_sends_it_and_closes(ada_client, demo):
    reply = answered(ada_client)
    stream = Stream(ada_client, reply).to_the_end()
    assert stream.is_done
    assert "demo model" in stream.shown


def test_the_page_goes_on_where_it_was_made(ada_client, step):
    """What the page shows already is not sent to it once more."""
    reply = ask(ada_client)
    step[0].set()
    Stream(ada_client, reply).until_shown("First paragraph").close()
    article = page_of(ada_client, reply).messages[1]
    assert article.shown == "First paragraph,"
    connect = next(each.get("hx-sse:connect") for each in article.element.iter("div"))
    rest = Stream(ada_client, reply, after=connect.partition("after=")[2])
    for event in step:
        event.set()
    rest.to_the_end()
    assert rest.shown == "second one, and its end."


@pytest.mark.row("O-061")
def test_a_reader_that_comes_back_misses_nothing_and_gets_nothing_twice(ada_client, step):
    """With the Last-Event-ID that htmx sends."""
    reply = ask(ada_client)
    step[0].set()
    before = Stream(ada_client, reply).until_shown("First paragraph")
    before.close()
    step[1].set()
    Stream(ada_client, reply).until_shown("second one").close()
    after = Stream(ada_client, reply, last_event_id=before.position)
    step[2].set()
    after.to_the_end()
    assert before.shown == "First paragraph,"
    assert after.shown == "second one, and its end."


@pytest.mark.parametrize("is_left", [False, True])
def test_what_was_followed_is_not_rendered_again(ada_client, step, monkeypatch, is_left):
    reply = ask(ada_client)
    step[0].set()
    stream = Stream(ada_client, reply).until_shown("First paragraph")
    if is_left:
        stream.close()
        step[1].set()
        channel = channels.written[reply.pk]
        wait_until(lambda: "second one" in channel.snapshot().text)
        stream = Stream(ada_client, reply).until_shown("second one")
    for event in step:
        event.set()
    stream.to_the_end()
    html = render_markdown("".join(PARTS), html_cache.id_prefix(reply.pk))
    monkeypatch.setattr(html_cache, "render_markdown", None)
    answer = ada_client.get(f"/chat/messages/{reply.pk}/", headers=HTMX)
    assert html in answer.content.decode()


def test_pages_hear_of_the_end_even_if_rendering_fails(ada_client, step, monkeypatch):
    def fail(self):
        raise ZeroDivisionError

    reply = ask(ada_client)
    step[0].set()
    stream = Stream(ada_client, reply).until_shown("First paragraph")
    monkeypatch.setattr(follow.StreamRenderer, "whole", fail)
    for event in step:
        event.set()
    assert stream.to_the_end().is_done
    monkeypatch.undo()
    assert shown(ada_client, ended(reply)).shown == TEXT


def test_only_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(html_cache, "MOST_CHARS", 300)
    for number in range(1, 10):
        assert "<strong>" in html_cache.reply_html(number, "**so**")
    monkeypatch.setattr(html_cache, "render_markdown", lambda text, prefix: "rendered again")
    assert "<strong>" in html_cache.reply_html(9, "**so**")
    assert html_cache.reply_html(1, "**so**") == "rendered again"


@pytest.mark.row("O-061")
def test_a_reader_that_forgot_where_it_was_gets_everything(ada_client, step):
    """Without an id."""
    reply = ask(ada_client)
    step[0].set()
    Stream(ada_client, reply).until_shown("First paragraph").close()
    again = Stream(ada_client, reply)
    for event in step:
        event.set()
    assert again.to_the_end().shown == TEXT


@pytest.mark.parametrize("position", ["x", "-1", "1e3", "٣", "²", "9" * 30, "9" * 5000, " "])
def test_a_position_that_makes_no_sense_is_no_error(ada_client, demo, position):
    reply = answered(ada_client)
    assert Stream(ada_client, reply, after=position).to_the_end().is_done
    if position.isascii():
        assert Stream(ada_client, reply, last_event_id=position).to_the_end().is_done


def test_reading_a_stream_changes_nothing(ada_client, demo):
    reply = answered(ada_client)
    before = list(Message.objects.values())
    assert Stream(ada_client, reply).to_the_end().is_done
    assert list(Message.objects.values()) == before


@pytest.mark.row("O-058")
def test_two_tabs_read_the_same(ada_client, ada, step):
    reply = ask(ada_client)
    other = Client()
    other.force_login(ada)
    one, two = Stream(ada_client, reply), Stream(other, reply)
    step[0].set()
    one.until_shown("First")
    two.until_shown("First")
    for event in step:
        event.set()
    assert one.to_the_end().shown == two.to_the_end().shown == TEXT


@pytest.mark.row("O-060")
def test_a_reply_needs_no_reader(ada_client, step):
    reply = ask(ada_client)
    stream = Stream(ada_client, reply)
    step[0].set()
    stream.until_shown("First")
    stream.close()
    for event in step:
        event.set()
    row = ended(reply)
    assert (row.state, row.content) == ("done", "".join(PARTS))
    assert shown(ada_client, row).shown == TEXT


def test_a_reader_that_leaves_is_forgotten(ada_client, step):
    """I10"""
    reply = ask(ada_client)
    step[0].set()
    stream = Stream(ada_client, reply).until_shown("First")
    channel = follow.channel_of(reply)
    assert len(channel._followers) == 1
    stream.close()
    assert not channel._followers


def test_nothing_is_left_of_a_stream_that_has_ended(ada_client, demo):
    """I10"""
    reply = ask(ada_client)
    Stream(ada_client, reply).to_the_end()
    settled()
    assert follow.channel_of(reply) is None


def test_a_silent_stream_says_what_it_waits_for(ada_client, step, monkeypatch):
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.01)
    reply = ask(ada_client)
    stream = Stream(ada_client, reply)
    stream.until_shown("Waiting for the reply")
    step[0].set()
    stream.until(lambda each: "First" in each.html)
    assert "Waiting" not in stream.shown
    stream.close()


@pytest.mark.row("O-025")
def test_a_stream_that_has_begun_stays_alive_in_silence(ada_client, step, monkeypatch):
    """A comment, which no reader shows."""
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.01)
    reply = ask(ada_client)
    step[0].set()
    Stream(ada_client, reply).until_shown("First").close()
    pieces = Pieces(ada_client.get(f"/chat/messages/{reply.pk}/stream/"))
    assert pieces.read_until(": alive\n\n").startswith(": connected\n\n")
    pieces.close()


def test_the_wait_for_a_busy_service_is_told(ada_client, demo, settings, monkeypatch):
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.01)
    settings.OPENAI_RETRY_SECONDS = (30, 30)
    demo.fault = "500"
    reply = ask(ada_client)
    stream = Stream(ada_client, reply)
    stream.until_shown("The AI service is busy. Asking again in")
    press(ada_client, reply, "stop")
    assert stream.to_the_end().is_done


@pytest.mark.row("O-038")
def test_reasoning_is_shown_as_thinking_and_kept_apart(ada_client, settings, monkeypatch):
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.01)
    thought = delta(reasoning_content="I should say")
    with Upstream([head(), thought, until(go := threading.Event()), part("So"), STOP]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        stream = Stream(ada_client, reply).until_shown("Thinking")
        go.set()
        stream.to_the_end()
        row = ended(reply)
    assert row.content == "So"
    assert row.reasoning == "I should say"
    assert "I should say" not in stream.html


def test_a_fragment_holds_nothing_that_htmx_would_run(ada_client, demo):
    """Fragments in a stream carry no nonces, so they must not need any."""
    demo.fault = "markup"
    stream = Stream(ada_client, ask(ada_client)).to_the_end()
    for element in Page(stream.html).root.iter():
        assert not [name for name in element.attrib if name.startswith("hx-")]


def test_a_reply_that_another_process_writes_is_followed_by_its_row(ada_client, ada):
    """Without a channel the row is read, and gives the same."""
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Some words", state="running")
    stream = Stream(ada_client, reply).until_shown("Some words")
    Message.objects.filter(pk=reply.pk).update(content="Some words more", state="done")
    assert stream.to_the_end().shown == "Some words more"
    assert stream.is_done


def test_a_stream_ends_when_its_reply_is_deleted(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Some words", state="running")
    stream = Stream(ada_client, reply).until_shown("Some words")
    conversation.delete()
    assert stream.to_the_end().is_done


@pytest.mark.row("O-075")
def test_streams_end_when_the_server_stops_and_pages_come_back(ada_client, step, monkeypatch):
    """Without the event that tells the page not to come back."""
    reply = ask(ada_client)
    step[0].set()
    stream = Stream(ada_client, reply).until_shown("First")
    monkeypatch.setattr(lifecycle, "is_stopping", lambda: True)
    follow.close_all()
    assert not stream.to_the_end().is_done
    assert not Stream(ada_client, reply).to_the_end().is_done


def test_a_stream_whose_session_is_over_is_closed_for_good(client, ada_client, demo):
    """Whatever htmx gets that is an error, it would ask for again and again."""
    reply = answered(ada_client)
    ada_client.logout()
    stream = Stream(ada_client, reply).to_the_end()
    assert stream.is_done
    assert stream.html == ""
    assert ada_client.get(f"/chat/messages/{reply.pk}/stream/").status_code == 401


def test_the_end_of_a_reply_is_fetched_with_its_actions(ada_client, demo):
    reply = answered(ada_client)
    page = Page(ada_client.get(f"/chat/messages/{reply.pk}/", headers=HTMX))
    assert [message.state for message in page.messages] == ["done"]
    assert "Regenerate" in page.messages[0].buttons
    assert "Stop" not in page.buttons
    assert page.named("status").text == "The reply has ended."


def test_the_address_of_a_message_leads_to_its_conversation(ada_client, demo):
    reply = answered(ada_client)
    response = ada_client.get(f"/chat/messages/{reply.pk}/")
    assert response["Location"] == f"/chat/{reply.conversation_id}/#message-{reply.pk}"


def test_what_a_person_wrote_has_no_stream(ada_client, demo):
    reply = answered(ada_client)
    assert ada_client.get(f"/chat/messages/{reply.parent_id}/stream/").status_code == 404


THOUGHT = ["Let me *think*.\n\nOK.\n", "</think>\n\nThe answer ", "is 42."]


@pytest.fixture
def thought(ada, settings):
    """A model whose thoughts come as text, until their end tells what they are."""
    steps = [threading.Event() for _ in THOUGHT]
    said = zip(map(until, steps), map(part, THOUGHT), strict=True)
    with Upstream([head(), *chain.from_iterable(said), STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        yield steps
        for event in steps:
            event.set()


@pytest.mark.row("O-132")
def test_thoughts_shown_as_text_are_taken_back_when_their_end_comes(ada_client, thought):
    reply = ask(ada_client)
    growing = follow_page(ada_client, reply)
    stream = Stream(ada_client, reply)
    thought[0].set()
    stream.until_shown("OK.")
    html = growing.read_until("OK.")
    thought[1].set()
    stream.to_the_end()  # The page asks for the message again: it is another text.
    row = Message.objects.get(pk=reply.pk)
    assert (row.content, row.reasoning, row.edition) == ("", "Let me *think*.\n\nOK.", 2)
    assert (
        "attempt=2&amp;after=" in ada_client.get(f"/chat/{reply.conversation_id}/").content.decode()
    )
    again = Stream(ada_client, reply, after=0).until_shown("The answer")
    thought[2].set()
    assert again.to_the_end().shown == "The answer is 42."
    page = Page(html + growing.rest())
    row = ended(reply)
    assert (row.content, row.reasoning) == ("The answer is 42.", "Let me *think*.\n\nOK.")
    assert page.messages[-1].shown == shown(ada_client, row).shown == "The answer is 42."


@pytest.mark.row("O-132")
def test_a_continued_reply_keeps_its_beginning_when_thoughts_are_taken_back(
    ada_client, ada, thought
):
    conversation = make_conversation(ada, "Question")
    first = make_reply(conversation, "It begins. ", state="error", error="cut", model="m")
    for event in thought:
        event.set()
    press(ada_client, first, "continue")
    row = ended(Message.objects.latest("pk"))
    assert (row.content, row.begun) == ("It begins. The answer is 42.", 11)
    assert row.reasoning == "Let me *think*.\n\nOK."
