"""Faults: silence, and connections that break."""

from __future__ import annotations

import socket
import struct

from scripts.demo_openai.chat_api import GOOD_END, chat, done, end, finish, usage
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import PARTS, Fault, bare_script, hang, open_stream, script


async def cut(x: Exchange) -> None:
    x.keep_alive = False  # The connection is closed without the last chunk.


async def reset(x: Exchange) -> None:
    await x.rest(0.05)  # A reset must not overtake what was sent before.
    x.keep_alive = False
    sock = x.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    x.writer.transport.abort()


async def comments(x: Exchange) -> None:
    while True:
        x.write(b": keep-alive\n\n")
        await x.pause(1)


CONNECTIONS: dict[str, Fault] = {
    "silent": Fault("accepts the request and never answers", hang, "any"),
    "headers-only": Fault("200 and the headers, then nothing", bare_script(open_stream, hang)),
    "stall": Fault("three pieces, then silence", script(*PARTS, hang)),
    "stall-comments": Fault(
        "three pieces, then a comment every second for ever", script(*PARTS, comments)
    ),
    "comments-only": Fault("only comments, one every second for ever", bare_script(comments)),
    "close": Fault("closes the connection without an answer", cut, "any"),
    "reset-first": Fault("resets the connection without an answer", reset, "any"),
    "cut": Fault("three pieces, then closed without the last chunk", script(*PARTS, cut)),
    "reset": Fault("three pieces, then a TCP reset", script(*PARTS, reset)),
    "no-finish": Fault("three pieces, a proper end, no finish reason", script(*PARTS, end)),
    "no-finish-done": Fault(
        "three pieces and [DONE], but no finish reason", script(*PARTS, done, end)
    ),
    "no-done": Fault("complete but for [DONE]", script(*PARTS, finish("stop"), usage, end)),
    "done-open": Fault(
        "complete, but the body stays open after [DONE]",
        script(*PARTS, finish("stop"), usage, done, hang),
    ),
    "pause": Fault(
        "a pause of 20 s (times --scale) after the first piece",
        script(PARTS[0], 20, *PARTS[1:], *GOOD_END),
    ),
    "late": Fault("20 s (times --scale) of silence, then a usual answer", bare_script(20, chat)),
}
