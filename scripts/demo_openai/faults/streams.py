"""Faults: errors and odd chunks in the stream."""

from __future__ import annotations

from scripts.demo_openai.chat_api import (
    GOOD_END,
    Act,
    Step,
    done,
    end,
    finish,
    send_delta,
    usage,
    usage_of,
)
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import PARTS, SERVER_ERROR, Fault, bare_script, script
from scripts.demo_openai.json_bodies import to_json


def send_chunk(**fields: object) -> Act:
    """Return a step that sends a chunk with these fields only."""

    async def step(x: Exchange) -> None:
        x.chunk(**fields)

    return step


def send_event(data: object) -> Act:
    async def step(x: Exchange) -> None:
        x.event(data)

    return step


def fail(kind: str = "") -> Act:
    """Return a last step that sends an error: as an event (of this kind) or as a body."""

    async def step(x: Exchange) -> None:
        if x.streamed:
            named = f"event: {kind}\n" if kind else ""
            x.write(b"%bdata: %b\n\n" % (named.encode(), to_json(SERVER_ERROR)))
            x.end()
        else:
            x.send(500, SERVER_ERROR)

    return step


ODD_CHUNKS: dict[str, Step] = {
    "no-choices": send_chunk(),
    "null-choices": send_chunk(choices=None),
    "null-delta": send_chunk(choices=[{"index": 0, "delta": None, "finish_reason": None}]),
    "no-delta": send_chunk(choices=[{"index": 0, "finish_reason": None}]),
    "null": send_event(None),
    "list": send_event([1]),
}


async def usage_with_finish(x: Exchange) -> None:
    x.usage = usage_of(x)
    x.delta({}, "stop", usage=x.usage)


async def usage_empty_delta(x: Exchange) -> None:
    x.usage = usage_of(x)
    x.delta({}, usage=x.usage)


async def usage_unasked(x: Exchange) -> None:
    x.usage = usage_of(x)
    x.chunk(choices=[], usage=x.usage)


async def usage_each(x: Exchange) -> None:
    """Send the parts with the usage so far on each of them, as some servers do."""
    for text in PARTS:
        x.record.pieces += 1
        x.usage = usage_of(x)
        x.delta({"content": text}, usage=x.usage)


STREAMS: dict[str, Fault] = {
    "error-in-stream": Fault("three pieces, then an error as an event", script(*PARTS, fail())),
    "error-first": Fault("200, and an error as the first event", bare_script(fail())),
    "event-error": Fault(
        "three pieces, then `event: error`",
        script(*PARTS, fail("error")),
    ),
    "broken-json": Fault(
        "two pieces, an event of broken JSON, two pieces",
        script(*PARTS[:2], b"data: {broken\n\n", PARTS[2], " And a fourth.", *GOOD_END),
    ),
    "empty-choices": Fault(
        "chunks with `choices: []` before, between and after the text",
        bare_script(
            send_chunk(choices=[]),
            PARTS[0],
            send_chunk(choices=[]),
            *PARTS[1:],
            send_chunk(choices=[]),
            *GOOD_END,
        ),
    ),
    "odd-chunks": Fault(
        "all odd chunks, between the pieces",
        script(PARTS[0], *ODD_CHUNKS.values(), *PARTS[1:], *GOOD_END),
    ),
    **{
        f"odd-{name}": Fault(f"an odd chunk: {name}", script(PARTS[0], step, *PARTS[1:], *GOOD_END))
        for name, step in ODD_CHUNKS.items()
    },
    "first-role-only": Fault(
        "the first piece has a role and no text",
        bare_script(send_delta(role="assistant"), *PARTS, *GOOD_END),
    ),
    "first-null": Fault(
        "the first piece has null as its text",
        bare_script(send_delta(role="assistant", content=None), *PARTS, *GOOD_END),
    ),
    "first-text": Fault(
        "the first piece has role and text together",
        bare_script(send_delta(role="assistant", content=PARTS[0]), *PARTS[1:], *GOOD_END),
    ),
    "finish-with-text": Fault(
        "the finish reason comes with the last text",
        script(*PARTS[:2], send_delta("stop", content=PARTS[2]), usage, done, end),
    ),
    "usage-with-finish": Fault(
        "the usage comes on the finish chunk", script(*PARTS, usage_with_finish, done, end)
    ),
    "usage-empty-delta": Fault(
        "the usage comes with an empty delta",
        script(*PARTS, finish("stop"), usage_empty_delta, done, end),
    ),
    "usage-each": Fault(
        "every chunk has the usage so far", script(usage_each, finish("stop"), done, end)
    ),
    "usage-unasked": Fault(
        "the usage comes unasked", script(*PARTS, finish("stop"), usage_unasked, done, end)
    ),
    "no-usage": Fault("no usage at all", script(*PARTS, finish("stop"), done, end)),
}
