"""Any bytes, cut anywhere: the cuts change nothing, and every end has a reason or a code."""

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.gateway.call import Call
from apps.gateway.errors.translation import UpstreamError
from apps.gateway.reply.delivery import ReplyCallbacks
from apps.gateway.reply.parser import ReplyParser
from apps.gateway.transport.sse import EventSplitter

PARTS = [
    b"data:",
    b"data: ",
    b"event: error",
    b"event:",
    b"id: 1",
    b": note",
    b"\n",
    b"\r",
    b"\r\n",
]
PARTS += [
    b"\n\n",
    b"{}",
    b"[DONE]",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xf0\x9f\x98",
    b"\x80",
    "é".encode(),
]
PARTS += [b'{"choices": [{"delta": {"content": "a"}}]}', b'{"error": {"code": 1}}', b"[" * 2000]
raw = st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(PARTS)).map(b"".join))
places = st.lists(st.integers(0, 10_000), max_size=12)

KEYS = "choices delta message content refusal reasoning reasoning_content finish_reason usage error"
KEYS += " code type param prompt_tokens completion_tokens tool_calls index text thinking images"
KEYS += " url reasoning_details annotations citations"
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
leaves |= st.sampled_from(
    [
        "stop",
        "length",
        "error",
        "content_filter",
        "<think>",
        "</think>",
        "\n</think>\n",
        "\ud83d",
        "text",
    ]
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=5)
    ),
    max_leaves=5,
)
deltas = st.dictionaries(st.sampled_from(KEYS.split()), values, max_size=4)
chunks = deltas | deltas.map(lambda each: {"choices": [{"delta": each}]})


def cut(data, places):
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def events(pieces):
    splitter = EventSplitter()
    return [event for piece in pieces for event in splitter.feed(piece)] + splitter.finish()


def read(pieces):
    """Return the text, the reasoning, and how it ended: a reason, or a code."""
    delivered = []

    def recall(reasoning):
        delivered[:] = [("", thought) for _, thought in delivered] + [("", reasoning)]

    receiver = ReplyCallbacks(on_recall=recall)
    reply = ReplyParser(Call(), lambda *texts: delivered.append(texts), 1.0, 1000, receiver)
    try:
        for piece in pieces:
            reply.chunks.append(piece)
            reply.deliver_pending()
        reply.end()
        end = reply.outcome().finish_reason
    except UpstreamError as failure:
        end = failure.code
    texts, thoughts = zip(*delivered, strict=True) if delivered else ((), ())
    return ("".join(texts), "".join(thoughts)), end


@given(raw, places)
@settings(max_examples=150)
def test_events_do_not_depend_on_the_cuts(data, places):
    assert events(cut(data, places)) == events([data])


@given(raw, places)
@settings(max_examples=150)
def test_any_bytes_are_read_the_same_however_they_are_cut(data, places):
    assert read(cut(data, places)) == read([data])


@given(st.lists(chunks, max_size=3), places)
@settings(max_examples=150)
def test_any_chunks_end_in_a_reason_or_a_code(chunks, places):
    data = b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks)
    texts, end = read(cut(data, places))
    assert isinstance(end, str)
    assert end
    for text in texts:
        text.encode()
        assert "\0" not in text
    assert (texts, end) == read([data])
