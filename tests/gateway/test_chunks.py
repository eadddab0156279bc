from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.gateway.transport.chunks import ChunkJoiner

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: Chunked\r\n\r\n"


def chunked(parts, end=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


def cut(data, places):
    """Cut the data at these places, as a network does."""
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if end > start]


def read(pieces):
    """Return the body as the HTTP library reads it, how it ended, and how many events it took."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    body, events = b"", 0
    for piece in [*pieces, b""]:
        connection.receive_data(piece)
        while True:
            try:
                event = connection.next_event()
            except h11.RemoteProtocolError:
                return body, "broken", events
            if event is h11.NEED_DATA:
                break
            if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                return body, "ended", events
            if isinstance(event, h11.Data):
                body += event.data
                events += 1
    return body, "open", events


def joined(pieces):
    joiner = ChunkJoiner()
    return [out for piece in pieces if (out := joiner.feed(piece))]


PARTS = st.lists(st.binary(min_size=1, max_size=40))
PLACES = st.lists(st.integers(0, 1000))


@given(PARTS, PLACES)
def test_a_joined_body_is_the_same_body(parts, places):
    pieces = cut(HEAD + chunked(parts), places)
    assert read(joined(pieces))[:2] == (b"".join(parts), "ended")


@given(PARTS, PLACES, st.integers(0, 2000))
def test_a_body_cut_short_is_no_whole_body(parts, places, length):
    whole = HEAD + chunked(parts)
    short = whole[: length % len(whole)]
    pieces = cut(short, places)
    assert read(joined(pieces))[:2] == read(pieces)[:2]


@given(PARTS, PLACES, st.integers(0, 2000), st.binary(min_size=1, max_size=5))
def test_a_spoilt_body_is_never_read_as_more_than_it_is(parts, places, place, noise):
    whole = HEAD + chunked(parts)
    place = len(HEAD) + place % (len(whole) - len(HEAD))
    spoilt = whole[:place] + noise + whole[place + len(noise) :]
    pieces = cut(spoilt, places)
    assert read(joined(pieces))[:2] == read(pieces)[:2]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n3\r\na",
        b"HTTP/1.1 200 OK\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + chunked([b"a", b"b"]),
        b"HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked([b"a", b"b"]),
        HEAD + b"3;name=value\r\nabc\r\n0\r\n\r\n",
        HEAD + chunked([], b"0\r\nTrailer: 1\r\n\r\n"),
        HEAD + b"zz\r\nabc\r\n",
        HEAD + b"00000000000000003\r\nabc\r\n0\r\n\r\n",
        b"no HTTP at all" * 10,
        b"x" * 100_000,
    ],
)
def test_anything_but_the_plain_case_passes_unchanged(answer):
    assert b"".join(joined(cut(answer, range(0, 100_000, 7)))) == answer


def test_what_arrives_together_is_one_event():
    pieces = [HEAD, chunked([b"word"] * 50, b""), chunked([b"word"] * 50)]
    assert read(joined(pieces)) == (b"word" * 100, "ended", 2)
