"""Faults: the same events in all forms that the specification allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.demo_openai.chat_api import GOOD_END, Act, play
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import PARTS, Fault, bare_script
from scripts.demo_openai.json_bodies import to_json


def rewritten(change: Callable[[bytes], bytes]) -> Act:
    """Return a fault whose stream says PARTS in events that `change` has rewritten."""

    async def act(x: Exchange) -> None:
        if x.streamed:
            for text in PARTS:
                choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
                await rewrite(x, choice, change)
                x.record.pieces += 1
        else:
            await x.say(PARTS)
        await play(x, GOOD_END)

    return act


async def rewrite(x: Exchange, choice: dict[str, Any], change: Callable[[bytes], bytes]) -> None:
    data = to_json(x.envelope("chat.completion.chunk", choices=[choice]))
    x.write(change(b"data: %b\n\n" % data))
    await x.rest(x.server.pace)


def many_data_lines(event: bytes) -> bytes:
    return event.replace(b", ", b",\ndata: ")


EVENT_FORMS: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda event: event.replace(b"\n", b"\r\n"),
    "cr": lambda event: event.replace(b"\n", b"\r"),
    "no-space": lambda event: event.replace(b"data: ", b"data:"),
    "many-data-lines": many_data_lines,
    "comments": lambda event: b": ping\n\n:\n" + event + b": OPENROUTER PROCESSING\n\n",
    "id-then-comment": lambda event: b"id: 7\n" + event + b": ping\n\n",
    "fields": lambda event: b"event: message\nid: 7\nretry: 10\nodd: x\n" + event,
}


EVENTS: dict[str, Fault] = {
    "sse-variants": Fault(
        "events in all forms together, after a byte order mark",
        bare_script(
            b"\xef\xbb\xbf",
            rewritten(
                lambda event: (
                    b": ping\r\n\r\n"
                    + many_data_lines(event).replace(b"data: ", b"data:").replace(b"\n", b"\r\n")
                )
            ),
        ),
    ),
    "sse-bom": Fault(
        "events after a byte order mark",
        bare_script(b"\xef\xbb\xbf", rewritten(lambda event: event)),
    ),
    **{
        f"sse-{name}": Fault(f"events in another form: {name}", rewritten(change))
        for name, change in EVENT_FORMS.items()
    },
}
