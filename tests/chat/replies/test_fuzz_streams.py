"""Any text in any pieces: the stream, the page that grows, and the row say the same."""

import json
import threading

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.chat.models import Conversation
from apps.chat.views.live import encode_event
from apps.core.text import clean_text
from apps.gateway import quirk_store
from apps.markdown.stream import StreamRenderer, render_markdown
from tests.chat.talk import EventParser, Pieces, Stream, ask, ended, shown
from tests.gateway.test_fuzz import cut, places
from tests.page import Page, parse, visible_words
from tests.upstream import DONE, STOP, Upstream, head, until

# Whatever ends a line, an event, a page, an element or a word; and any other character.
PARTS = ["\n", "\r", "\r\n", "\n\n", "data: x", "event: done", "id: 1", ": x", "\u2028", "\x85"]
PARTS += ["<!-- cut -->", "</div>", "<script>", "</textarea>", "&lt;", "&", '"', "\x00", "\x1b"]
PARTS += [
    "😀",
    "\ud83d",
    "\ude00",
    "e\u0301",
    "\u202e",
    "# a",
    "- b",
    "> c",
    "```",
    "$x$",
    "|",
    "w ",
]
texts = st.lists(st.sampled_from(PARTS) | st.text(st.characters(exclude_categories=()), max_size=4))


def said(texts):
    """Return the bytes in which a service says these texts, a chunk each."""
    chunks = [{"choices": [{"delta": {"content": text}}]} for text in texts]
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + STOP + DONE


@given(texts, places)
@settings(max_examples=100)
def test_any_text_comes_through_our_own_events(texts, places):
    """As the HTML standard reads them, whatever the network makes of them."""
    renderer = StreamRenderer("m1-")
    pieces = [clean_text(text) for text in texts]
    html = [renderer.feed(piece) for piece in pieces] + [renderer.finish()]
    data = b"".join(encode_event(each, number) for number, each in enumerate(html) if each)
    parser = EventParser()
    events = [event for piece in cut(data, places) for event in parser.feed(piece)]
    assert [event.data for event in events] == [each for each in html if each]
    assert {event.name for event in events} <= {"message"}
    whole = visible_words(parse("".join(html)))
    assert whole == visible_words(parse(render_markdown("".join(pieces))))


@pytest.fixture
def model(settings):
    settings.CHAT_DEFAULT_MODEL, settings.CHAT_GATHER_SECONDS = "m", 0.0
    quirk_store.forget()
    return settings


@given(st.lists(texts.map("".join), min_size=1, max_size=4), places)
@settings(
    max_examples=12,
    phases=[Phase.generate],  # Each example takes a server: what fails is not made smaller.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_text_is_the_same_in_the_stream_on_the_page_and_in_the_row(
    ada_client, model, texts, places
):
    pieces = cut(said(["So: ", *texts]), places)
    with Upstream([head(), until(go := threading.Event()), *pieces]) as upstream:
        model.OPENAI_BASE_URL = upstream.url
        reply = ask(ada_client)
        growing = Pieces(ada_client.get(f"/chat/{reply.conversation_id}/follow/"))
        stream = Stream(ada_client, reply)
        go.set()
        stream.to_the_end()
        page = Page(growing.rest())
        row = ended(reply)
    assert row.content == clean_text("".join(["So: ", *texts]))
    assert row.state == "done"
    assert stream.is_done
    unfinished = StreamRenderer(f"m{row.pk}-").feed(row.content)  # Its end is fetched, rendered.
    assert stream.shown == visible_words(parse(unfinished))
    assert page.messages[-1].shown == shown(ada_client, row).shown
    assert len(page.all("html")) == 1
    Conversation.objects.all().delete()
