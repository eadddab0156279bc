"""Faults: text that breaks things."""

from __future__ import annotations

from scripts.demo_openai.chat_api import GOOD_END, play
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import Fault, script
from scripts.demo_openai.json_bodies import to_json

LINE_ENDS = "a\rb\r\nc\u2028d\u2029e\u0085f\n\ndata: x\n\nevent: done\ndata: y\n\nid: 1\n\nend"
MARKUP = """\
<script>alert(1)</script><b onclick="alert(2)">bold</b><img src="https://example.org/pixel.png">

[a link](javascript:alert(3)) ![a picture](https://example.org/pixel.png) <https://example.org/>

<form action="https://example.org/"><button hx-get="/users/" hx-trigger="load">x</button></form>
<style>body { display: none }</style><iframe src="//example.org"></iframe>

`<i>` [data](data:text/html;base64,PHNjcmlwdD4=) <div hx-on:click="alert(4)" id="alerts">y</div>
"""


async def bytewise(x: Exchange) -> None:
    """Send each byte of the stream as a chunk, and a segment, of its own."""
    text = "Žluťoučký kůň 你好 😀 مرحبا"
    if x.streamed:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        data = to_json(x.envelope("chat.completion.chunk", choices=[choice]))
        for byte in b"data: %b\n\n" % data:
            x.write(bytes([byte]))
            await x.rest(0)
        x.record.pieces += 1
    else:
        x.piece(text)
    await play(x, GOOD_END)


TEXTS: dict[str, Fault] = {
    "nul": Fault("U+0000 in the text", script("before\0after", "\0", " end", *GOOD_END)),
    "control": Fault(
        "control characters, U+FFFD, U+FEFF and U+202E in the text",
        script("a\x01\x07\x08\x1b[31m\x7f\x9b", "b\ufffd\ufeff\u202ec\ufffe", *GOOD_END),
    ),
    "surrogate": Fault("a lone surrogate", script("before \ud800 after", *GOOD_END)),
    "split-emoji": Fault(
        "the two surrogates of U+1F600 in two chunks",
        script("smile \ud83d", "\ude00 end", *GOOD_END),
    ),
    "bytewise": Fault("one byte at a time, with characters of many bytes", bytewise),
    "line-ends": Fault(
        "all kinds of line ends, and what looks like an event", script(LINE_ENDS, *GOOD_END)
    ),
    "markup": Fault("HTML, scripts, remote pictures and bad links", script(MARKUP, *GOOD_END)),
}
