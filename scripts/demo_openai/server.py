"""The demo model: what it says, its HTTP server, its faults and its command line."""

from __future__ import annotations

import argparse
import asyncio
import base64
import colorsys
import ipaddress
import json
import math
import random
import re
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self, TextIO

from scripts.demo_openai.faults import service_replies
from scripts.demo_openai.faults.service_errors import ERROR_FAULTS

MODELS = ["parlor-demo", "parlor-demo-mini", "parlor-demo-thinking", "parlor-demo-image"]
ALIASES = {"gpt-gone": "404-model"}  # Models that are faults without saying so.
RECORDS_KEPT = 200
MAX_BODY = 100 * 1024 * 1024  # Bytes.
MAX_WORDS = 20_000  # The longest answer that "N words" gets.
SMALL = 400  # Tokens that fit the smallest context.
PARTS = ("Here are ", "three ", "parts.")  # What most faults say.


# What the demo says ----------------------------------------------------------------------------

INTRO = "I am **Parlor's demo model, not an AI**: everything I say was written beforehand."

CONNECT = (
    "### Connecting a real model\n\n"
    "Set `OPENAI_API_KEY` to your key, or `OPENAI_BASE_URL` to the address of any server that"
    " speaks the OpenAI API, in the file `.env`, and start Parlor again."
)

FEATURES = """\
### What Parlor shows

- **bold**, *italic*, ~~crossed out~~ and `code`
- [links](https://example.org/), which open safely
- lists
  1. in any depth
  2. and in any order"""

TABLE = """\
| Part | What it does | Size |
| :--- | :----------- | ---: |
| Django | renders the page | 1 |
| htmx | swaps its fragments | 4 |
| You | ask the questions | 1 |"""

CODE = '''\
```python
def fibonacci(count: int) -> list[int]:
    """Return the first numbers of Fibonacci's sequence."""
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]


print(fibonacci(10))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
```'''

MORE_CODE = """\
The same in a shell:

```sh
a=0; b=1
for i in $(seq 10); do echo "$a"; c=$((a + b)); a=$b; b=$c; done
```"""

MATHS = r"""
Euler wrote $e^{i\pi} + 1 = 0$, and Gauss knew that

$$\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}$$"""

MORE_MATHS = r"""
A quadratic equation $ax^2 + bx + c = 0$ with $a \ne 0$ is solved by

$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$"""

THOUGHTS = (
    "I should say that I am a demo. Then I quote the question, pick a prepared text that fits it, "
    "and tell how to connect a real model."
)

SENTENCES = [
    "A parlor is a room for talking, and this one has a window to a machine.",
    "What you type is stored before anything else happens to it.",
    "The page is made of plain HTML, and small pieces of it are swapped as the words arrive.",
    "Close the tab if you like; the reply goes on without you and waits until you are back.",
    "A keyboard is enough for everything here.",
    "With scripts switched off the words still come one by one.",
    "Every paragraph of this text is as meaningful as the one before it.",
    "A real model would have something to say about your question.",
]

GREETING = re.compile(
    r"(?:hi|hello|hey|hallo|thanks|thank you|ok|okay|test|ping|bye)\b[\s,.!?]*"
    r"(?:there|again|parlor|world|everyone|very much|so much)?[\s.!?]*",
    re.I,
)
SUMMARISE = re.compile(r"\bsummari[sz]e\b", re.I)
SUMMARY_WORDS = re.compile(r"\bat most (\d{1,5}) words\b")
WRITE_TITLE = re.compile(r"\b(?:write|make|give)\b.{0,20}\btitle\b", re.I)
REMEMBER = re.compile(r"\bremember\b", re.I)
ASKS_FIRST = re.compile(
    r"\bdid i\b.*\bfirst\b|\bfirst message\b|\bmy first question\b|\bfirst thing (?:that )?i\b"
)
ASKS_LAST = re.compile(
    r"\bdid i\b.*\b(?:last|before|earlier|just now)\b|\bdid i just\b|\bdid i (?:say|ask|write)\W*$"
    r"|\b(?:my|the) (?:last|previous) (?:message|question)\b"
)
ASKS_FACT = re.compile(r"what(?:'s|’s| is| was) my ([\w -]{1,40}?)\s*\?")
Message = dict[str, Any]


def text_of(message: Message) -> str:
    """Return a message's text, whether it came as a string or in parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def pictures_of(message: Message) -> list[bytes]:
    """Return the pictures in a message, as far as they came inside it."""
    content = message.get("content")
    parts = (
        [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    )
    addresses = [part.get("image_url") for part in parts if part.get("type") == "image_url"]
    urls = [str(each.get("url") if isinstance(each, dict) else each) for each in addresses]
    return [from_base64(url.partition(",")[2]) for url in urls if url.startswith("data:")]


def from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def describe_picture(data: bytes) -> str:
    """Tell the size and the kind of a picture, which is all that its header says."""
    with suppress(struct.error):
        if data.startswith(b"\x89PNG"):
            return "{}×{}, PNG".format(*struct.unpack(">II", data[16:24]))
        if data.startswith(b"\xff\xd8"):
            return f"{jpeg_size(data)}, JPEG"
        if data[8:12] == b"WEBP":
            return f"{webp_size(data)}, WebP"
    return f"{len(data)} bytes, of a kind that I do not know"


def jpeg_size(data: bytes) -> str:
    """Find the frame header among a JPEG's segments (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = struct.unpack(">BH", data[at + 1 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return f"{width}×{height}"
        at += 2 + length
    return "unknown size"


def webp_size(data: bytes) -> str:
    """Read the size of a WebP picture (RFC 9649, 2.5 to 2.7)."""
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (part & 0x3FFF for part in struct.unpack("<HH", data[26:30]))
    return f"{width}×{height}"


FILE = re.compile(r'<attached_file name="([^"\n]*)"[^>\n]*>\n(.*?)\n</attached_file>', re.S)


def describe_files(message: Message) -> str:
    """Say honestly what came with a message, or nothing if it came alone."""
    pictures = [f"a picture of {describe_picture(data)}" for data in pictures_of(message)]
    found = FILE.findall(text_of(message))
    documents = [f"the file `{name}` with {len(text)} characters of text" for name, text in found]
    if not pictures + documents:
        return ""
    listed = "\n".join(f"- {each}" for each in pictures + documents)
    return f"With your message I was sent:\n\n{listed}\n\nI cannot look at any of it."


def texts_by(messages: list[Message], *roles: str) -> list[str]:
    return [text_of(message) for message in messages if message.get("role") in roles]


def shorten(text: str, limit: int) -> str:
    """Cut a text to about `limit` characters, at a space where one is near."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    return cut[: max(cut.rfind(" "), limit * 2 // 3)].rstrip() + " …"


def quote(text: str) -> str:
    """Return a text as a Markdown blockquote, without what cannot be shown."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", "")
    lines = shorten(clean.strip(), 240).splitlines() or [""]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def compose(messages: list[Message], model: str) -> str:
    """Write the demo's answer to a conversation."""
    system = "\n".join(texts_by(messages, "system", "developer"))
    asked = texts_by(messages, "user")
    question = FILE.sub("", asked[-1]).strip() if asked else ""
    task = system.partition("\n")[0]  # What follows may quote the conversation.
    if WRITE_TITLE.search(task):
        return make_title(asked[0] if asked else "")
    if SUMMARISE.search(task) or SUMMARISE.search(question):
        return summarise(messages)
    attached = describe_files(messages[-1])
    if attached:
        quoted = f"You wrote:\n\n{quote(question)}\n\n" if question else ""
        return f"{INTRO} {quoted}{attached}"
    return recall(messages, question) or answer(question, len(messages), model)


def make_title(text: str) -> str:
    words = re.findall(r"\w[\w'’-]*", text)[:5]
    return " ".join(words)[:60].capitalize() or "New conversation"


def summarise(messages: list[Message]) -> str:
    """Return an extract: what is to be remembered, and of all else the first sentences that fit."""
    system = " ".join(texts_by(messages, "system", "developer"))
    asked = SUMMARY_WORDS.search(system)
    room = max(200, int(asked[1]) * 5) if asked else 6000
    entries = entries_of(messages)
    limit = max(60, min(200, room // max(1, len(entries))))
    extract = [f"- {gist(entry, limit)}" for entry in entries]
    size = sum(map(len, extract))
    for entry in [entry for entry in extract if not REMEMBER.search(entry)]:
        if size <= room:
            break
        extract.remove(entry)  # The oldest first.
        size -= len(entry)
    return "\n".join(extract) or "Nothing has been said so far."


def entries_of(messages: list[Message]) -> list[str]:
    """Return what is to be summarised: the messages, or the lines of the only one."""
    source = [message for message in messages if message.get("role") in ("user", "assistant")]
    if len(source) > 1 and SUMMARISE.search(text_of(source[-1])):
        source.pop()
    if len(source) != 1:
        return [f"{one['role']}: {text_of(one)}" for one in source]
    lines = [line.strip().removeprefix("- ") for line in text_of(source[0]).splitlines()]
    lines = [line for line in lines if line and line[0] not in ">(" and not line.endswith(":")]
    return [line for line in lines if not SUMMARISE.search(line)] or lines


def gist(text: str, limit: int) -> str:
    """Return the sentences that ask to remember something, or the first two."""
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    if wanted := [one for one in sentences if REMEMBER.search(one)]:
        return shorten(" ".join(wanted), 300)
    return shorten(" ".join(sentences[:2]), limit)


def recall(messages: list[Message], question: str) -> str | None:
    """Answer a question about the conversation itself, if it is one."""
    known = "I am Parlor's demo model, not an AI, but I was sent our conversation."
    earlier = texts_by(messages, "user")[:-1]
    asked = question.lower()[:2000]
    if fact := ASKS_FACT.search(asked):
        return recall_fact(messages[:-1], fact[1], known)
    for pattern, index, which in ((ASKS_FIRST, 0, "first"), (ASKS_LAST, -1, "last")):
        if pattern.search(asked):
            if not earlier:
                return f"{known} This is the first message in it."
            return f"{known} The {which} thing you said before this was:\n\n{quote(earlier[index])}"
    return None


def recall_fact(messages: list[Message], name: str, known: str) -> str:
    pattern = re.compile(rf"\bmy {re.escape(name)} (?:is|was) ([^.!?\n]{{1,100}})", re.I)
    for text in reversed(texts_by(messages, "system", "developer", "user", "assistant")):
        if found := pattern.search(text):
            return f"{known} Your {name} is {found[1].strip()}."
    return f"{known} It does not say what your {name} is."


def answer(question: str, count: int, model: str) -> str:
    """Answer a question with a prepared text that fits it."""
    asked = question.strip().lower()[:2000]
    opening = f"{INTRO} You wrote:\n\n{quote(question)}"
    if words := re.search(r"\b(\d{1,5})[ -]words?\b", asked):
        return long_answer(opening, min(int(words[1]), MAX_WORDS))
    if re.search(r"(?<!how )\blong\b", asked):
        return long_answer(opening, 3000)
    if GREETING.fullmatch(asked):
        return f"{INTRO} Hello! Ask me something longer, and I show what Parlor can do."
    if re.search(r"\b(?:code|python|program)\b", asked):
        return "\n\n".join([opening, "Here is some code:", CODE, MORE_CODE, CONNECT])
    if re.search(r"\btables?\b", asked):
        return "\n\n".join([opening, "Here is a table:", TABLE, CONNECT])
    if re.search(r"\b(?:maths?|equation|formula)\b", asked):
        return "\n\n".join([opening, MATHS.strip(), MORE_MATHS.strip(), CONNECT])
    if model == "parlor-demo-mini":
        return f"{opening}\n\n{CONNECT}"
    sent = f"You sent me {count} message{'s' if count != 1 else ''} with this request."
    return "\n\n".join([opening, sent, FEATURES, TABLE, CODE, MATHS.strip(), CONNECT])


def long_answer(opening: str, count: int) -> str:
    """Return an answer of about `count` words, in sections and paragraphs."""
    parts, words = [opening], len(opening.split())
    while words < count:
        number = len(parts)
        start = f"## Part {number // 4 + 1}\n\n" if number % 4 == 1 else ""
        turn = [SENTENCES[(number * 3 + i) % len(SENTENCES)] for i in range(5)]
        paragraph = " ".join(" ".join(turn).split()[: count - words])
        parts.append(start + paragraph)
        words += len(parts[-1].split())
    return "\n\n".join(parts)


def split_words(text: str) -> list[str]:
    """Cut a text into pieces of a word each, losing nothing."""
    return re.findall(r"\s*\S+|\s+", text)


# Pictures --------------------------------------------------------------------------------------

SKY, SHADES, SUN, CLOUD = 96, 32, 192, 200  # Where each kind starts, or ends, in the palette.
Colour = tuple[int, int, int]


def png(width: int, rows: Iterable[bytes], palette: list[Colour]) -> bytes:
    """Return a palette PNG of the given rows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    lines = [b"\0" + row for row in rows]
    header = struct.pack(">IIBBBBB", width, len(lines), 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    image = zlib.compress(b"".join(lines), 6)
    parts = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", image), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def blend(first: Colour, last: Colour, count: int) -> list[Colour]:
    """Return `count` colours from one to the other."""
    steps = [i / max(1, count - 1) for i in range(count)]
    red, green, blue = zip(first, last, strict=True)
    mixed = [tuple(int(a + (b - a) * t) for a, b in (red, green, blue)) for t in steps]
    return [(r, g, b) for r, g, b in mixed]


def colour(hue: float, lightness: float, strength: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, strength)
    return int(red * 255), int(green * 255), int(blue * 255)


def landscape_palette(dice: random.Random) -> list[Colour]:
    """Return the colours of the sky, three hills, the sun with its glow, and the clouds."""
    hue = dice.uniform(0.48, 0.68)
    low = colour(dice.uniform(0.03, 0.14), 0.86, 0.8)
    green = dice.uniform(0.2, 0.42)
    palette = blend(colour(hue, 0.58, 0.6), low, SKY)
    for lightness in (0.62, 0.5, 0.36):
        start, end = colour(green, lightness + 0.08, 0.32), colour(green, lightness - 0.08, 0.42)
        palette += blend(start, end, SHADES)
    palette += blend(low, (255, 250, 225), CLOUD - SUN)
    return palette + blend((250, 246, 240), (255, 255, 255), 2)


def landscape(seed: str, width: int, height: int) -> bytes:
    """Return a PNG of hills under a sky, its colours and shapes taken from the seed."""
    dice = random.Random(seed)
    palette = landscape_palette(dice)
    return png(width, landscape_rows(dice, width, height), palette)


def landscape_rows(dice: random.Random, width: int, height: int) -> Iterator[bytes]:
    """Yield the rows: one row of layers (sky, hills) is kept, and translated to colours."""
    tops = hill_tops(dice, width, height)
    ellipses = sun_with_clouds(dice, width, height)
    layers = bytearray(width)
    for y in range(height):
        for x, hill in tops.get(y, ()):
            layers[x] = max(layers[x], hill)
        depth = min(SHADES - 1, max(0, (y * 2 - height) * SHADES // height))
        shades = [SKY + i * SHADES + depth for i in range(3)]
        sky = min(SKY - 1, y * SKY * 10 // (height * 7))
        row = layers.translate(bytes([sky, *shades]).ljust(256, b"\0"))
        for middle_x, middle_y, radius_x, radius_y, table in ellipses:
            if abs(y - middle_y) < radius_y:
                half = int(radius_x * math.sqrt(1 - ((y - middle_y) / radius_y) ** 2))
                start, end = max(0, middle_x - half), max(0, middle_x + half)
                row[start:end] = row[start:end].translate(table)
        yield bytes(row)


def hill_tops(dice: random.Random, width: int, height: int) -> dict[int, list[tuple[int, int]]]:
    """Return, for each y, the columns (x, hill) in which a hill begins there."""
    tops: dict[int, list[tuple[int, int]]] = {}
    for hill, level in ((1, 0.55), (2, 0.67), (3, 0.8)):
        waves = [(dice.uniform(0.5, 1.2) * i, dice.uniform(0, 6.3), 0.05 / i) for i in range(1, 4)]
        for x in range(width):
            turn = 6.3 * x / width
            rise = sum(size * math.sin(turn * speed + start) for speed, start, size in waves)
            tops.setdefault(int(height * (level - rise)), []).append((x, hill))
    return tops


def sun_with_clouds(
    dice: random.Random, width: int, height: int
) -> list[tuple[int, int, float, float, bytes]]:
    """Return ellipses (x, y, radii, table that paints everything but hills)."""
    x, y = int(width * dice.uniform(0.15, 0.85)), int(height * dice.uniform(0.2, 0.42))
    size = min(width, height) * dice.uniform(0.06, 0.09)
    shapes = [(x, y, size * (1 + i / 18), size * (1 + i / 18), CLOUD - 1 - i) for i in (7, 5, 3, 0)]
    for _ in range(3):
        x, y = int(width * dice.random()), int(height * dice.uniform(0.08, 0.35))
        for _ in range(4):
            x += int(width * dice.uniform(0.02, 0.05))
            wide = width * dice.uniform(0.035, 0.075)
            lift = int(height * dice.uniform(-0.01, 0.01))
            shapes.append((x, y + lift, wide, wide * 0.3, CLOUD + 1))
    hills = range(SKY, SUN)
    tables = [bytes(i if i in hills else shape[4] for i in range(256)) for shape in shapes]
    return [(*shape[:4], table) for shape, table in zip(shapes, tables, strict=True)]


# HTTP ------------------------------------------------------------------------------------------


class BadRequest(Exception):
    """The client sent what is not HTTP, or more of it than is read."""


@dataclass
class Request:
    method: str
    path: str
    version: str
    headers: dict[str, str]
    body: bytes = b""
    data: dict[str, Any] = field(default_factory=dict)  # The parsed JSON or form.


class Reader(asyncio.StreamReader):
    """A reader that tells at once when the client has closed the connection."""

    gone = False
    on_gone: Callable[[], object] | None = None

    def feed_eof(self) -> None:
        super().feed_eof()
        self._leave()

    def set_exception(self, exc: BaseException) -> None:
        super().set_exception(exc)  # type: ignore[arg-type]
        self._leave()

    def _leave(self) -> None:
        self.gone = True
        if self.on_gone:
            self.on_gone()


async def read_request(reader: Reader, writer: asyncio.StreamWriter) -> Request | None:
    """Read the next request of a connection; None when the client has no more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        request = parse_head(head.decode("latin-1"))
        if request.headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.body = await read_body(reader, request.headers)
    except asyncio.IncompleteReadError:
        return None
    except (asyncio.LimitOverrunError, ValueError) as error:
        raise BadRequest from error
    return request


def parse_head(head: str) -> Request:
    start, *lines = head.strip("\r\n").split("\r\n")
    method, target, version = start.split(" ")
    pairs = [line.partition(":") for line in lines]
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request(method, target.partition("?")[0], version, headers)


async def read_body(reader: Reader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await read_chunks(reader)
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= MAX_BODY:
        raise BadRequest
    return await reader.readexactly(length)


async def read_chunks(reader: Reader) -> bytes:
    body = bytearray()
    while size := int((await reader.readline()).partition(b";")[0], 16):
        if not 0 < size <= MAX_BODY - len(body):
            raise BadRequest
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while (await reader.readline()).strip():
        pass  # Trailers.
    return bytes(body)


@dataclass
class Upload:
    name: str
    content: bytes


def uploads(data: dict[str, Any], name: str) -> list[Upload]:
    """Return a form's files of this name."""
    value = data.get(name)
    return [one for one in value if isinstance(one, Upload)] if isinstance(value, list) else []


def parse_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    """Return a form's fields, and its files in lists."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if not boundary:
        raise ValueError("no boundary")
    form: dict[str, Any] = {}
    for part in body.split(b"--" + boundary[1].encode("latin-1"))[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        about = dict(re.findall(r'(\w+)="([^"]*)"', head.decode("utf-8", "replace")))
        name = about.get("name", "").removesuffix("[]")
        if "filename" in about:
            form.setdefault(name, []).append(Upload(about["filename"], content))
        else:
            form[name] = content.decode("utf-8", "replace")
    return form


def to_json(data: object) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # A lone surrogate has no UTF-8, but JSON can escape it.
        return json.dumps(data).encode()


def error_body(
    message: str, code: str | int | None = None, param: str | None = None, kind: str | None = None
) -> dict[str, Any]:
    """Return an error as OpenAI words it."""
    kind = kind or "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


# One request and its answer --------------------------------------------------------------------


@dataclass
class Record:
    """What is remembered of a request."""

    id: int
    method: str
    path: str
    model: str | None
    body: Any
    authorization: bool
    started: float = field(default_factory=time.time)  # Unix time.
    pieces: int = 0
    ended: str = "running"
    duration: float | None = None  # Seconds, once it has ended.

    def end(self, how: str) -> None:
        self.duration = time.time() - self.started
        self.ended = how

    def as_dict(self) -> dict[str, Any]:
        seconds = time.time() - self.started if self.duration is None else self.duration
        shown = {key: value for key, value in vars(self).items() if key != "duration"}
        return {**shown, "seconds": round(seconds, 3)}


class Exchange:
    """A request, and the means to answer it: in one body, as a stream, or badly."""

    def __init__(
        self,
        server: DemoServer,
        request: Request,
        writer: asyncio.StreamWriter,
        record: Record,
        fault: str | None = None,
    ) -> None:
        self.server, self.request, self.writer, self.record = server, request, writer, record
        self.fault = fault
        self.keep_alive = request.version == "HTTP/1.1"
        self.keep_alive &= request.headers.get("connection", "").lower() != "close"
        self.chunked = request.version == "HTTP/1.1"
        self.opened = False  # Whether the head of a stream has been sent.
        self.message: Message = {"role": "assistant", "content": None}  # For one body.
        self.finish_reason: str | None = None
        self.usage: dict[str, Any] | None = None
        self.frames: dict[str, list[bytes]] = {}

    @property
    def data(self) -> dict[str, Any]:
        return self.request.data

    @property
    def messages(self) -> list[Message]:
        return list(self.data["messages"])

    @property
    def streamed(self) -> bool:
        return self.data.get("stream") is True

    @property
    def model(self) -> str:
        return str(self.data.get("model") or MODELS[0])

    @property
    def key(self) -> str:
        return self.request.headers.get("authorization", "").removeprefix("Bearer ")

    def head(self, status: int, headers: dict[str, str]) -> None:
        """Send the status line and the headers."""
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Overloaded"
        headers = {"x-request-id": f"req_demo_{self.record.id}", **headers}
        headers["connection"] = "keep-alive" if self.keep_alive else "close"
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def send(
        self, status: int, body: object, kind: str = "application/json", **headers: str
    ) -> None:
        """Answer with one body: bytes as they are, all else as JSON."""
        content = body if isinstance(body, bytes) else to_json(body)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        if status != 204:
            more |= {"content-type": kind, "content-length": str(len(content))}
        self.record.end("complete")  # Before the client can see the end, or it would race us.
        self.head(status, more)
        self.writer.write(content)

    def open(self) -> None:
        """Start a stream, if it has not been started."""
        if not self.opened:
            self.opened = True
            headers = {"content-type": "text/event-stream; charset=utf-8"}
            headers["cache-control"] = "no-cache"
            if self.chunked:
                headers["transfer-encoding"] = "chunked"
            self.head(200, headers)

    def write(self, data: bytes) -> None:
        """Send bytes of the stream."""
        self.open()
        self.writer.write(b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def end(self) -> None:
        """End the answer properly, in one body if no stream was asked for."""
        if not (self.streamed or self.opened):
            choice = {"index": 0, "message": self.message, "finish_reason": self.finish_reason}
            more = {"usage": self.usage} if self.usage else {}
            self.send(200, self.envelope("chat.completion", choices=[choice], **more))
            return
        self.open()
        self.record.end("complete")
        if self.chunked:
            self.writer.write(b"0\r\n\r\n")
        else:
            self.keep_alive = False

    def envelope(self, kind: str, **fields: object) -> dict[str, Any]:
        created = int(self.record.started)
        about = {"id": f"chatcmpl-demo-{self.record.id}", "object": kind, "created": created}
        return {**about, "model": self.model, **fields}

    def event(self, data: object) -> None:
        """Send one event of the stream; one body has none."""
        if self.streamed:
            self.write(b"data: %b\n\n" % to_json(data))

    def chunk(self, **fields: object) -> None:
        self.event(self.envelope("chat.completion.chunk", **fields))

    def delta(self, delta: dict[str, Any], finish: str | None = None, **fields: object) -> None:
        """Send a piece of the message, or add it to the one body."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.chunk(choices=[choice], **fields)
        for name, value in delta.items():
            self.add(name, value)
        self.finish_reason = finish or self.finish_reason

    def take(self, choice: dict[str, Any]) -> None:
        """Add a choice that would be streamed to the one body."""
        if not choice.get("index"):
            for name, value in choice["delta"].items():
                self.add(name, value)
            self.finish_reason = choice["finish_reason"] or self.finish_reason

    def add(self, name: str, value: object) -> None:
        if self.streamed or name == "role":
            return
        before = self.message.get(name)
        both = isinstance(before, str) and isinstance(value, str)
        self.message[name] = before + value if both else value  # type: ignore[operator]

    def piece(self, text: str, name: str = "content") -> None:
        """Send a piece of text; this is the busy path, so its frame is made only once."""
        self.record.pieces += 1
        if not self.streamed:
            self.add(name, text)
            return
        if name not in self.frames:
            choice = {"index": 0, "delta": {name: "%"}, "finish_reason": None}
            frame = to_json(self.envelope("chat.completion.chunk", choices=[choice]))
            self.frames[name] = list(frame.rpartition(b'"%"'))
        before, _, after = self.frames[name]
        self.write(b"data: %b%b%b\n\n" % (before, to_json(text), after))

    async def pause(self, seconds: float) -> None:
        """Wait as long as a fault asks for, times the server's scale."""
        await self.rest(seconds * self.server.scale)

    async def rest(self, seconds: float) -> None:
        await self.writer.drain()
        await asyncio.sleep(seconds)

    async def say(self, pieces: Iterable[str], name: str = "content") -> None:
        """Send pieces of text at the server's pace."""
        for text in pieces:
            self.piece(text, name)
            if self.streamed:
                await self.rest(self.server.pace)


def count_tokens(text: str) -> int:
    return len(text) // 4 + 1


def usage_of(x: Exchange) -> dict[str, Any]:
    prompt = 3 + sum(4 + count_tokens(text_of(message)) for message in x.messages)
    prompt += 765 * sum(len(pictures_of(message)) for message in x.messages)
    done = x.record.pieces
    return {"prompt_tokens": prompt, "completion_tokens": done, "total_tokens": prompt + done}


# Chat ------------------------------------------------------------------------------------------

Act = Callable[[Exchange], Awaitable[None]]
Step = str | bytes | float | Callable[[Exchange], Awaitable[None]]


async def chat(x: Exchange) -> None:
    """Answer as the demo model does."""
    if x.model == "parlor-demo-image":
        x.send(404, error_body("This is not a chat model.", param="model"))
        return
    pieces = split_words(compose(x.messages, x.model))
    limit = x.data.get("max_completion_tokens") or x.data.get("max_tokens")
    cut = isinstance(limit, int) and 0 < limit < len(pieces)
    await first(x)
    if x.model == "parlor-demo-thinking":
        await x.say(split_words(THOUGHTS), "reasoning_content")
    await x.say(pieces[:limit] if cut else pieces)
    await play(x, [finish("length" if cut else "stop"), usage, done, end])


async def play(x: Exchange, steps: Iterable[Step]) -> None:
    """Carry out steps: a text is a piece, bytes go as they are, a number is a pause in seconds."""
    for step in steps:
        if isinstance(step, str):
            await x.say([step])
        elif isinstance(step, bytes):
            if x.streamed:
                x.write(step)
        elif isinstance(step, (int, float)):
            await x.pause(step)
        else:
            await step(x)


async def first(x: Exchange) -> None:
    x.delta({"role": "assistant", "content": ""})


def delta(finish: str | None = None, **fields: object) -> Act:
    """Return a step that sends these fields of the message."""

    async def step(x: Exchange) -> None:
        x.delta(fields, finish)

    return step


def finish(reason: str) -> Act:
    return delta(reason)


async def usage(x: Exchange) -> None:
    x.usage = usage_of(x)
    options = x.data.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage"):
        x.chunk(choices=[], usage=x.usage)


async def done(x: Exchange) -> None:
    if x.streamed:
        x.write(b"data: [DONE]\n\n")


async def end(x: Exchange) -> None:
    x.end()


# Images ----------------------------------------------------------------------------------------

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")


def picture_size(wanted: object) -> tuple[int, int]:
    """Return width and height; raise ValueError for what is no size."""
    size = "1024x1024" if wanted in (None, "", "auto") else str(wanted)
    width, height = (int(side) for side in size.split("x"))
    if not (16 <= width <= 2048 and 16 <= height <= 2048):
        raise ValueError(size)
    return width, height


async def images(x: Exchange) -> None:
    """Answer with pictures: painted from the prompt, and from the pictures sent, if any."""
    prompt = str(x.data.get("prompt") or "")
    sent = [one.content for one in uploads(x.data, "image")]
    if refusal := refuse_images(x, prompt, sent):
        x.send(400, refusal)
        return
    count = min(10, int(x.data.get("n") or 1))
    size = picture_size(x.data.get("size"))
    seeds = [f"{prompt}{zlib.crc32(b''.join(sent))}{i or ''}" for i in range(count)]
    made = [await asyncio.to_thread(landscape, seed, *size) for seed in seeds]
    x.record.pieces = len(made)
    x.send(200, images_body(x, [{"b64_json": base64.b64encode(one).decode()} for one in made]))


def refuse_images(x: Exchange, prompt: str, sent: list[bytes]) -> dict[str, Any] | None:
    """Return the error of a request that cannot be served."""
    if not prompt or len(prompt) > 32_000:
        return error_body("The prompt must have 1 to 32000 characters.", "bad_prompt", "prompt")
    if x.request.path.endswith("/edits"):
        if not 1 <= len(sent) <= 16:
            return error_body("1 to 16 images are needed.", "missing_image", "image")
        if not all(one.startswith(PICTURES) for one in sent):
            return error_body("Invalid image file.", "invalid_image_file", "image")
    try:
        picture_size(x.data.get("size"))
        int(x.data.get("n") or 1)
    except ValueError:
        return error_body("Invalid value for size or n.", "invalid_value", "size")
    return None


def images_body(x: Exchange, data: list[dict[str, str]]) -> dict[str, Any]:
    words = count_tokens(str(x.data.get("prompt")))
    pictures = 256 * len(uploads(x.data, "image"))
    usage = {"input_tokens": words + pictures, "output_tokens": 1056 * len(data)}
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    details = {"text_tokens": words, "image_tokens": pictures}
    more = {"output_format": "png", "usage": {**usage, "input_tokens_details": details}}
    return {"created": int(time.time()), "data": data, **more}


# Faults: what they are made of -----------------------------------------------------------------


def script(*steps: Step) -> Act:
    """Return a fault that plays these steps after the usual first piece."""
    return bare_script(first, *steps)


def bare_script(*steps: Step) -> Act:
    async def act(x: Exchange) -> None:
        await play(x, steps)

    return act


def refuse(status: int, body: object, kind: str = "application/json", **headers: str) -> Act:
    """Return a fault that answers with this status and body."""

    async def act(x: Exchange) -> None:
        x.send(status, body, kind, **headers)

    return act


def bad(
    message: str, code: str | int | None = None, param: str | None = None, kind: str | None = None
) -> Act:
    return refuse(400, error_body(message, code, param, kind))


def refuse_if(test: Callable[[Exchange], bool], act: Act) -> Act:
    """Return a fault for some requests; others are answered as usual."""

    async def choose(x: Exchange) -> None:
        await (act(x) if test(x) else ordinary(x))

    return choose


async def ordinary(x: Exchange) -> None:
    await (images(x) if x.request.path.startswith("/v1/images/") else chat(x))


def first_times(count: int, act: Act) -> Act:
    """Return a fault for the first times that the same request comes."""
    return refuse_if(lambda x: x.server.times_seen(x) <= count, act)


def has(name: str) -> Callable[[Exchange], bool]:
    return lambda x: x.data.get(name) is not None


def outgrows(x: Exchange) -> bool:
    return bool(usage_of(x)["prompt_tokens"] > SMALL)


def has_role(role: str) -> Callable[[Exchange], bool]:
    return lambda x: any(message.get("role") == role for message in x.messages)


def unsupported(name: str, use: str | None = None) -> Act:
    hint = f" Use '{use}' instead." if use else ""
    message = f"Unsupported parameter: '{name}' is not supported with this model.{hint}"
    return refuse(400, error_body(message, "unsupported_parameter", name))


def chunk(**fields: object) -> Act:
    """Return a step that sends a chunk with these fields only."""

    async def step(x: Exchange) -> None:
        x.chunk(**fields)

    return step


def event(data: object) -> Act:
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


def answering(answer: service_replies.Answer) -> Act:
    """Return a fault that answers with these data."""

    async def act(x: Exchange) -> None:
        if answer.body is not None:
            x.send(200, answer.body, answer.kind)
            return
        for event in answer.events:
            x.record.pieces += 1
            if isinstance(event, bytes):
                x.write(event) if x.streamed else None
            elif x.streamed:
                x.chunk(**event)
                await x.rest(x.server.pace)
            else:
                x.take(event["choices"][0])
        x.end()

    return act


async def hang(x: Exchange) -> None:
    """Wait for ever; the client's going away ends it."""
    while True:
        await x.rest(3600)


async def cut(x: Exchange) -> None:
    x.keep_alive = False  # The connection is closed without the last chunk.


async def reset(x: Exchange) -> None:
    await x.rest(0.05)  # A reset must not overtake what was sent before.
    x.keep_alive = False
    sock = x.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    x.writer.transport.abort()


async def open_stream(x: Exchange) -> None:
    x.open()


async def comments(x: Exchange) -> None:
    while True:
        x.write(b": keep-alive\n\n")
        await x.pause(1)


async def quote_key(x: Exchange) -> None:
    message = f"Incorrect API key provided: {x.key}. Find yours in your account."
    x.send(401, error_body(message, "invalid_api_key"))


async def refuse_model(x: Exchange) -> None:
    message = f"The model `{x.model}` does not exist or you do not have access to it."
    x.send(404, error_body(message, "model_not_found"))


async def rate_limit(x: Exchange) -> None:
    body = error_body("Rate limit reached.", "rate_limit_exceeded", None, "requests")
    x.send(429, body, retry_after=f"{2 * x.server.scale:g}")


async def context_once(x: Exchange) -> None:
    """Refuse a question until it comes with fewer messages than at first."""
    question = text_of(x.messages[-1])
    most = x.server.most_messages.setdefault(question, len(x.messages))
    await (ordinary(x) if len(x.messages) < most else CONTEXT(x))


async def think(x: Exchange, name: str) -> None:
    words = split_words(THOUGHTS)
    for word in words:
        x.piece(word, name)
        await x.pause(10 / len(words))


async def think_content(x: Exchange) -> None:
    await think(x, "reasoning_content")


async def think_field(x: Exchange) -> None:
    await think(x, "reasoning")


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


def big_text(size: int) -> str:
    """Return so many characters, in numbered lines and paragraphs."""
    lines = [
        f"Line {i:06} of a big answer.\n{'' if i % 10 else chr(10)}" for i in range(size // 28)
    ]
    return "".join(lines)[:size].ljust(size, ".")


async def one_big(x: Exchange) -> None:
    await play(x, [first, big_text(1024 * 1024), *GOOD_END])


async def ten_megabytes(x: Exchange) -> None:
    block = big_text(64 * 1024)
    await play(x, [first, *[block] * 160, *GOOD_END])


async def fast(x: Exchange) -> None:
    letters = "abcdefghi " * 7 + "abcdefghi\n"
    await first(x)
    for i in range(20_000):
        x.piece(letters[i % len(letters)])
        if i % 100 == 0:
            await x.rest(0)
    await play(x, GOOD_END)


async def endless(x: Exchange) -> None:
    if not x.streamed:
        await hang(x)
    await first(x)
    while True:
        for sentence in SENTENCES:
            await x.say(split_words(sentence + " "))
            await x.rest(0)


async def slow(x: Exchange) -> None:
    await first(x)
    for letter in SENTENCES[0][:60]:
        x.piece(letter)
        await x.pause(1)
    await play(x, GOOD_END)


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


async def many_models(x: Exchange) -> None:
    kinds = ["text-embedding", "whisper", "tts", "davinci", "omni-moderation", "gpt"]
    names = [f"{kinds[i % 6]}-{i:04}" for i in range(2000)]
    x.send(200, {"object": "list", "data": [model_row(name) for name in names]})


async def thousands_of_models(x: Exchange) -> None:
    names = [f"vendor-{i % 50}/model-{i:04}" for i in range(3000)]
    x.send(200, {"object": "list", "data": [model_row(name) for name in [*MODELS, *names]]})


async def ending_models(x: Exchange) -> None:
    """List the usual ones, with one that has ended and one that ends in 30 days."""
    now = int(time.time())
    ends = {"parlor-demo-mini": now - 86_400, "parlor-demo-thinking": now + 30 * 86_400}
    rows = [{**model_row(name), "shutdown_date": ends.get(name)} for name in MODELS]
    x.send(200, {"object": "list", "data": rows})


def model_row(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "parlor"}


async def image_url(x: Exchange) -> None:
    host = x.request.headers.get("host", "127.0.0.1")
    x.send(200, images_body(x, [{"url": f"http://{host}/demo/picture.png"}]))


async def image_url_elsewhere(x: Exchange) -> None:
    wanted = re.search(r"https?://\S+", str(x.data.get("prompt")))
    url = wanted[0] if wanted else "http://169.254.169.254/latest/meta-data/"
    x.send(200, images_body(x, [{"url": url}]))


def image_data(content: str) -> Act:
    """Return a fault that answers with this text where base64 is due."""

    async def act(x: Exchange) -> None:
        x.send(200, images_body(x, [{"b64_json": content}]))

    return act


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


# Faults: the table -----------------------------------------------------------------------------

GOOD_END: tuple[Step, ...] = (finish("stop"), usage, done, end)
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
NGINX = b"<html><head><title>502 Bad Gateway</title></head><body>nginx/1.22.1</body></html>"
OVERFLOW = "This model's maximum context length is 8192 tokens. Your messages have 9000 tokens."
HOSTILE = '<img src=x onerror=alert(1)>\x1b[31mred\x1b[0m\r\nERROR forged line\r\n"><script>'
SERVER_ERROR = error_body("The server had an error.", "server_error", None, "server_error")
CONTEXT = bad(OVERFLOW, "context_length_exceeded", "messages")
TOOL_CALL = {"index": 0, "id": "call_1", "type": "function"}
TOOL_CALL |= {"function": {"name": "delete_everything", "arguments": "{}"}}
LINE_ENDS = "a\rb\r\nc\u2028d\u2029e\u0085f\n\ndata: x\n\nevent: done\ndata: y\n\nid: 1\n\nend"
MARKUP = """\
<script>alert(1)</script><b onclick="alert(2)">bold</b><img src="https://example.org/pixel.png">

[a link](javascript:alert(3)) ![a picture](https://example.org/pixel.png) <https://example.org/>

<form action="https://example.org/"><button hx-get="/users/" hx-trigger="load">x</button></form>
<style>body { display: none }</style><iframe src="//example.org"></iframe>

`<i>` [data](data:text/html;base64,PHNjcmlwdD4=) <div hx-on:click="alert(4)" id="alerts">y</div>
"""


@dataclass(frozen=True)
class Fault:
    about: str
    act: Act
    where: str = "chat"  # Or "any" (chat and images), "images", "models".


ODD_CHUNKS: dict[str, Step] = {
    "no-choices": chunk(),
    "null-choices": chunk(choices=None),
    "null-delta": chunk(choices=[{"index": 0, "delta": None, "finish_reason": None}]),
    "no-delta": chunk(choices=[{"index": 0, "finish_reason": None}]),
    "null": event(None),
    "list": event([1]),
}
EVENT_FORMS: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda event: event.replace(b"\n", b"\r\n"),
    "cr": lambda event: event.replace(b"\n", b"\r"),
    "no-space": lambda event: event.replace(b"data: ", b"data:"),
    "many-data-lines": many_data_lines,
    "comments": lambda event: b": ping\n\n:\n" + event + b": OPENROUTER PROCESSING\n\n",
    "id-then-comment": lambda event: b"id: 7\n" + event + b": ping\n\n",
    "fields": lambda event: b"event: message\nid: 7\nretry: 10\nodd: x\n" + event,
}

FAULTS: dict[str, Fault] = {
    # Errors instead of an answer.
    "401": Fault(
        "401, the key is wrong",
        refuse(401, error_body("Incorrect API key provided: sk-abc***1234.", "invalid_api_key")),
        "any",
    ),
    "401-key": Fault("401 whose message quotes the whole key", quote_key, "any"),
    "403": Fault(
        "403, the key is wrong",
        refuse(403, error_body("You are not allowed to do this.", "permission_denied")),
        "any",
    ),
    "400-key": Fault(
        "400, the key is wrong", bad("API key not valid. Please pass a valid API key.", 400), "any"
    ),
    "404-model": Fault("404, no such model", refuse_model, "any"),
    "404-html": Fault(
        "404 with HTML: the base URL is wrong", refuse(404, HTML, "text/html"), "any"
    ),
    "429": Fault("429, always, Retry-After: 2", rate_limit, "any"),
    "429-once": Fault(
        "429, Retry-After: 2, the first time a request comes", first_times(1, rate_limit), "any"
    ),
    "429-long": Fault(
        "429, Retry-After: 3600",
        refuse(429, error_body("Rate limit.", "rate_limit_exceeded"), retry_after="3600"),
        "any",
    ),
    "429-bare": Fault(
        "429 without Retry-After and without a body that tells anything",
        refuse(429, b"", "text/plain"),
        "any",
    ),
    "quota": Fault(
        "429, insufficient_quota",
        refuse(
            429,
            error_body(
                "You exceeded your current quota.", "insufficient_quota", None, "insufficient_quota"
            ),
        ),
        "any",
    ),
    "context": Fault("400, context_length_exceeded", CONTEXT),
    "context-llama": Fault(
        "400, exceed_context_size_error, with a number as the code",
        bad(OVERFLOW, 400, None, "exceed_context_size_error"),
    ),
    "context-litellm": Fault(
        "400, ContextWindowExceededError, only in the words",
        bad(f"litellm.ContextWindowExceededError: {OVERFLOW}", "400"),
    ),
    "context-413": Fault(
        "413, the request is too large", refuse(413, b"Payload Too Large", "text/plain")
    ),
    "context-nothing": Fault("200 and a stream without any event", bare_script(open_stream, end)),
    "context-once": Fault(
        "context_length_exceeded until the same question has fewer messages", context_once
    ),
    "context-nothing-small": Fault(
        f"as llama.cpp: 200 without any event for more than {SMALL} tokens",
        refuse_if(outgrows, bare_script(open_stream, end)),
    ),
    "context-small": Fault(
        f"400, which names the size, for more than {SMALL} tokens",
        refuse_if(
            outgrows, bad(f"the request exceeds the available context size ({SMALL} tokens)")
        ),
    ),
    "stream-unverified": Fault(
        "400 for a stream; one whole answer is given",
        refuse_if(
            has("stream"),
            bad(
                "Your organization must be verified to stream this model. Please go to:"
                " https://platform.openai.com/settings/organization/general and click on Verify"
                " Organization.",
                "unsupported_value",
                "stream",
            ),
        ),
    ),
    "pictures": Fault(
        "400 for messages with pictures",
        refuse_if(
            lambda x: any(map(pictures_of, x.messages)),
            bad("Invalid content type. image_url is only supported by certain models."),
        ),
    ),
    "pictures-silent": Fault(
        "400 for messages with pictures, without a word about them",
        refuse_if(lambda x: any(map(pictures_of, x.messages)), bad("Invalid request.")),
    ),
    "max-tokens": Fault(
        "400 for max_tokens; max_completion_tokens is accepted",
        refuse_if(has("max_tokens"), unsupported("max_tokens", "max_completion_tokens")),
    ),
    "max-completion-tokens": Fault(
        "400 for max_completion_tokens; max_tokens is accepted",
        refuse_if(has("max_completion_tokens"), unsupported("max_completion_tokens")),
    ),
    "max-tokens-always": Fault(
        "400 unsupported max_tokens, whatever is sent", unsupported("max_tokens")
    ),
    "temperature": Fault(
        "400 for temperature",
        refuse_if(
            has("temperature"),
            bad(
                "Unsupported value: 'temperature' does not support this value.",
                "unsupported_value",
                "temperature",
            ),
        ),
    ),
    "system-role": Fault(
        "400 for the role system",
        refuse_if(
            has_role("system"),
            bad(
                "Unsupported value: 'messages[0].role' does not support 'system'.",
                "unsupported_value",
                "messages[0].role",
            ),
        ),
    ),
    "developer-role": Fault(
        "400 for the role developer",
        refuse_if(has_role("developer"), bad("Unknown role 'developer'.", None)),
    ),
    "stream-options": Fault(
        "400 for stream_options", refuse_if(has("stream_options"), unsupported("stream_options"))
    ),
    "policy": Fault(
        "400, content_policy_violation",
        bad("Your request was rejected.", "content_policy_violation"),
        "any",
    ),
    "408": Fault("408", refuse(408, error_body("Request timeout.")), "any"),
    "409": Fault("409", refuse(409, error_body("Conflict.")), "any"),
    "500": Fault("500", refuse(500, SERVER_ERROR), "any"),
    "500-twice": Fault(
        "500 the first two times a request comes", first_times(2, refuse(500, SERVER_ERROR)), "any"
    ),
    "502-html": Fault("502 with the HTML of nginx", refuse(502, NGINX, "text/html"), "any"),
    "503": Fault("503, loading the model", refuse(503, error_body("Loading model", 503)), "any"),
    "529": Fault("529, overloaded", refuse(529, error_body("Overloaded", None)), "any"),
    "error-string": Fault(
        "400 whose error is a string", refuse(400, {"error": "model is not loaded"}), "any"
    ),
    "error-null": Fault("400 whose error is null", refuse(400, {"error": None}), "any"),
    "error-list": Fault("400 whose body is a list", refuse(400, [{"error": {"code": 400}}]), "any"),
    "error-not-json": Fault(
        "400 whose body is no JSON", refuse(400, b"{bad request", "application/json"), "any"
    ),
    "error-detail": Fault(
        "422 with {detail: [...]}",
        refuse(422, {"detail": [{"loc": ["body", "model"], "msg": "field required"}]}),
        "any",
    ),
    "error-number": Fault("400 with a number as the code", bad("Bad request", 20015), "any"),
    "error-no-code": Fault(
        "400 with nothing but a message", refuse(400, {"error": {"message": "No."}}), "any"
    ),
    "error-hostile": Fault(
        "400 with HTML, ANSI colours and line ends in the message and the code",
        bad(HOSTILE, HOSTILE),
        "any",
    ),
    # Silence, and connections that break.
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
    # Errors and odd chunks in the stream.
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
            chunk(choices=[]), PARTS[0], chunk(choices=[]), *PARTS[1:], chunk(choices=[]), *GOOD_END
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
        bare_script(delta(role="assistant"), *PARTS, *GOOD_END),
    ),
    "first-null": Fault(
        "the first piece has null as its text",
        bare_script(delta(role="assistant", content=None), *PARTS, *GOOD_END),
    ),
    "first-text": Fault(
        "the first piece has role and text together",
        bare_script(delta(role="assistant", content=PARTS[0]), *PARTS[1:], *GOOD_END),
    ),
    "finish-with-text": Fault(
        "the finish reason comes with the last text",
        script(*PARTS[:2], delta("stop", content=PARTS[2]), usage, done, end),
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
    # Answers that are none, or not whole.
    "length": Fault("ends with `length`", script(*PARTS, finish("length"), usage, done, end)),
    "filter": Fault(
        "three pieces, then `content_filter`",
        script(*PARTS, finish("content_filter"), usage, done, end),
    ),
    "refusal": Fault(
        "a refusal and no text",
        bare_script(
            delta(role="assistant", content=None, refusal=""),
            delta(refusal="I cannot "),
            delta(refusal="help with that."),
            *GOOD_END,
        ),
    ),
    "tool-calls": Fault(
        "a tool call that nobody offered, and no text",
        bare_script(
            delta(role="assistant", content=None, tool_calls=[TOOL_CALL]),
            finish("tool_calls"),
            usage,
            done,
            end,
        ),
    ),
    "null-content": Fault(
        "null as the text of every piece", bare_script(*[delta(content=None)] * 3, *GOOD_END)
    ),
    "empty": Fault("finishes without any text", script(*GOOD_END)),
    "blank": Fault("finishes with nothing but white space", script(" ", "\n\n", " ", *GOOD_END)),
    "done-only": Fault("nothing but [DONE]", bare_script(done, end)),
    "json-200-error": Fault("200 with an error in JSON", refuse(200, SERVER_ERROR), "any"),
    "html-200": Fault("200 with a page of HTML", refuse(200, HTML, "text/html"), "any"),
    "empty-200": Fault("200 with an empty body", refuse(200, b""), "any"),
    "204": Fault("204", refuse(204, b""), "any"),
    "not-streamed": Fault(
        "200 with one JSON body, although a stream was asked for",
        refuse(
            200,
            {
                "id": "chatcmpl-demo",
                "object": "chat.completion",
                "created": 0,
                "model": "fault-not-streamed",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": "".join(PARTS)},
                        "finish_reason": "stop",
                    }
                ],
            },
        ),
    ),
    # Reasoning.
    "reasoning": Fault(
        "10 s (times --scale) of reasoning_content, then text",
        script(think_content, *PARTS, *GOOD_END),
    ),
    "reasoning-field": Fault(
        "10 s (times --scale) of delta.reasoning, then text", script(think_field, *PARTS, *GOOD_END)
    ),
    "think-tags": Fault(
        "<think>…</think> in the text",
        script("<think>", "I should ", "count.", "</think>", "\n\n", *PARTS, *GOOD_END),
    ),
    "think-tags-cut": Fault(
        "<think>…</think> in the text, the tags cut between pieces",
        script("<th", "ink>I should ", "count.</", "thi", "nk>\n\n", *PARTS, *GOOD_END),
    ),
    "think-only": Fault("a <think> that never ends", script("<think>", "I should ", *GOOD_END)),
    # The same events in other words.
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
    # Text that breaks things.
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
    # What services in use do.
    **{name: Fault(each.about, answering(each)) for name, each in service_replies.ANSWERS.items()},
    # Size and pace.
    "one-big": Fault("one chunk of 1 MB", one_big),
    "10mb": Fault("10 MB in chunks of 64 KB", ten_megabytes),
    "fast": Fault("20,000 chunks of one letter at full speed", fast),
    "endless": Fault("words for ever, at the usual pace", endless),
    "slow": Fault("one letter a second (times --scale), 60 of them", slow),
    # Lists of models; only as --fault.
    "models-html": Fault("a page of HTML", refuse(200, HTML, "text/html"), "models"),
    "models-empty": Fault("an empty list", refuse(200, {"object": "list", "data": []}), "models"),
    "models-huge": Fault("2,000 models, few of which can chat", many_models, "models"),
    "models-3000": Fault("3,000 models that can chat", thousands_of_models, "models"),
    "models-ending": Fault(
        "a model that has ended, and one that ends in 30 days", ending_models, "models"
    ),
    "models-401": Fault(
        "401", refuse(401, error_body("Incorrect API key.", "invalid_api_key")), "models"
    ),
    "models-null": Fault(
        "null as the list", refuse(200, {"object": "list", "data": None}), "models"
    ),
    "models-silent": Fault("never answers", hang, "models"),
    # Images.
    "image-moderation": Fault(
        "400, moderation_blocked",
        bad(
            "Your request was rejected by the safety system.",
            "moderation_blocked",
            None,
            "image_generation_user_error",
        ),
        "images",
    ),
    "image-silent": Fault("never answers", hang, "images"),
    "image-not-base64": Fault("b64_json is not base64", image_data("*not base64*"), "images"),
    "image-not-image": Fault("b64_json is a text", image_data(as_base64(b"no image")), "images"),
    "image-html": Fault("b64_json is a page of HTML", image_data(as_base64(HTML)), "images"),
    "image-cut": Fault(
        "b64_json is the first half of a PNG",
        image_data(as_base64(landscape("half", 256, 256)[:2000])),
        "images",
    ),
    "image-url": Fault("a url of this server instead of base64", image_url, "images"),
    "image-url-elsewhere": Fault(
        "a url elsewhere: the first in the prompt, or a link-local one",
        image_url_elsewhere,
        "images",
    ),
    "image-none": Fault(
        "an empty list of pictures", refuse(200, {"created": 0, "data": []}), "images"
    ),
    "image-response-format": Fault(
        "400 for response_format",
        refuse_if(
            has("response_format"),
            bad("Unknown parameter: 'response_format'.", "unknown_parameter", "response_format"),
        ),
        "images",
    ),
}


# The server ------------------------------------------------------------------------------------


async def list_models(x: Exchange) -> None:
    x.send(200, {"object": "list", "data": [model_row(name) for name in MODELS]})


async def show_picture(x: Exchange) -> None:
    x.send(200, landscape("A picture by its address", 256, 256), "image/png")


async def show_requests(x: Exchange) -> None:
    x.send(200, x.server.requests)


async def forget_requests(x: Exchange) -> None:
    x.server.clear()
    x.send(204, b"")


ROUTES: dict[tuple[str, str], tuple[Act, str]] = {  # What answers, and which faults concern it.
    ("GET", "/v1/models"): (list_models, "models"),
    ("POST", "/v1/chat/completions"): (chat, "chat"),
    ("POST", "/v1/images/generations"): (images, "images"),
    ("POST", "/v1/images/edits"): (images, "images"),
    ("GET", "/demo/picture.png"): (show_picture, ""),
    ("GET", "/demo/requests"): (show_requests, ""),
    ("DELETE", "/demo/requests"): (forget_requests, ""),
}
FAULTS |= {
    name: Fault(
        fault.about, refuse(fault.status, fault.body, fault.kind, **fault.headers), fault.where
    )
    for name, fault in ERROR_FAULTS.items()
}


def is_private_name(host: str) -> bool:
    """Tell whether a Host header is one that no web page elsewhere can make a browser send."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name.strip("[]")))
    return "." not in name


def check_chat(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the error of a chat request that cannot be served."""
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        return error_body("Missing required parameter: 'messages'.", None, "messages")
    if not all(isinstance(message, dict) for message in messages):
        return error_body("Invalid type for 'messages'.", "invalid_type", "messages")
    return None


def parse_body(request: Request) -> dict[str, Any]:
    """Return the body's fields; raise ValueError for what cannot be read."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return parse_multipart(kind, request.body)
    try:
        data = json.loads(request.body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(data, dict):
        raise ValueError("no object")
    return data


def loggable(data: dict[str, Any]) -> dict[str, Any]:
    """Return a body with the sizes of its files in place of their bytes."""
    files = {name: uploads(data, name) for name in data}
    sizes = {
        name: [{"file": one.name, "bytes": len(one.content)} for one in found]
        for name, found in files.items()
        if found
    }
    return {**data, **sizes}


class DemoServer:
    """The demo server, run in a thread of its own by start() and stop(), or as a context.

    `fault`, `pace` (seconds between words) and `scale` (by which the seconds that faults wait are
    multiplied) may be changed at any time.
    """

    def __init__(
        self,
        fault: str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: float = 0.0,
        scale: float = 1.0,
        log: TextIO | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host, self.port, self.pace, self.scale = host, port, pace, scale
        self.log, self.tls = log, tls
        self.records: list[Record] = []
        self.count = 0
        self.seen: Counter[str] = Counter()  # What "once" and "twice" have counted.
        self.most_messages: dict[str, int] = {}
        self.fault = fault
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def fault(self) -> str | None:
        """The fault of all requests, without its prefix; setting it forgets what has been seen."""
        return self._fault

    @fault.setter
    def fault(self, name: str | None) -> None:
        name = name.removeprefix("fault-") if name else None
        if name and name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}.")
        self._fault = name
        self.seen.clear()
        self.most_messages.clear()

    @property
    def base_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.tls else ''}://{host}:{self.port}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The last requests, the newest last."""
        return [record.as_dict() for record in list(self.records)]

    def clear(self) -> None:
        """Forget all requests, and what "once" has seen."""
        self.records.clear()
        self.seen.clear()
        self.most_messages.clear()

    def wait_for(
        self, test: Callable[[list[dict[str, Any]]], object], timeout: float = 30.0
    ) -> list[dict[str, Any]]:
        """Wait until the requests pass the test, and return them; raise TimeoutError."""
        deadline = time.monotonic() + timeout
        while not test(requests := self.requests):
            if time.monotonic() > deadline:
                raise TimeoutError(f"The requests are {requests}")
            time.sleep(0.005)
        return requests

    def start(self) -> Self:
        """Serve until stop(); started again, it keeps its port."""
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="demo-openai", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure
        return self

    def stop(self) -> None:
        """Close all connections and end the thread; may be called again."""
        if self._thread and self._thread.is_alive():
            with suppress(RuntimeError):  # The loop has ended by itself.
                self._loop.call_soon_threadsafe(self.stopped.set)
            self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self.serve(self._ready.set))
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def serve(self, ready: Callable[[], object]) -> None:
        """Serve until `stopped` is set; call `ready` when the port is open."""
        self._loop = asyncio.get_running_loop()
        self.stopped = asyncio.Event()
        server = await self._loop.create_server(
            self._protocol, self.host, self.port, ssl=self.tls, backlog=2048
        )
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await self.stopped.wait()
        server.close()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(Reader(), self.connection)

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        assert isinstance(reader, Reader)
        try:
            while request := await read_request(reader, writer):
                if not await self.respond(request, reader, writer):
                    break
        except BadRequest:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
        except (ConnectionError, asyncio.CancelledError):
            pass  # The client has gone between two requests, or the server ends.
        finally:
            writer.close()

    async def respond(self, request: Request, reader: Reader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; tell whether the connection can be used again."""
        problem = self.prepare(request)
        fault = self.fault  # Whoever sees the request may set another.
        x = Exchange(self, request, writer, self.remember(request), fault)
        record = x.record
        answer = asyncio.create_task(self.answer(x, problem))
        reader.on_gone = answer.cancel
        if reader.gone:
            answer.cancel()
        try:
            await asyncio.wait([answer])
        finally:
            reader.on_gone = None
            answer.cancel()
            self.finish(record, answer, reader.gone)
        return x.keep_alive and record.ended == "complete"

    def prepare(self, request: Request) -> dict[str, Any] | None:
        """Parse the body, and return the error of a request that cannot be served."""
        if request.method != "POST" or ("POST", request.path) not in ROUTES:
            return None
        try:
            request.data = parse_body(request)
        except ValueError:
            return error_body("We could not parse the body of your request.")
        return check_chat(request.data) if request.path.endswith("/completions") else None

    def remember(self, request: Request) -> Record:
        model = request.data.get("model")
        self.count += 1
        record = Record(
            id=self.count,
            method=request.method,
            path=request.path,
            model=model if isinstance(model, str) else None,
            body=loggable(request.data) or None,
            authorization="authorization" in request.headers,
        )
        if not request.path.startswith("/demo/"):
            self.records.append(record)
            del self.records[:-RECORDS_KEPT]
            name = f" {json.dumps(record.model)}" if record.model else ""
            self.write_log(f"#{record.id} {record.method} {json.dumps(record.path)}{name}")
        return record

    def finish(self, record: Record, answer: asyncio.Task[None], gone: bool) -> None:
        """Note how an answer has ended, unless all of it had been written."""
        broken = answer.cancelled() or not answer.done()
        error = None if broken else answer.exception()
        if error and not isinstance(error, ConnectionError):  # A bug of this server.
            record.end("failed")
            traceback.print_exception(error)
        elif record.ended == "running" and (gone or error):
            record.end("client closed")
            took = f"after {record.pieces} pieces, {record.duration:.2f} s"
            self.write_log(f"#{record.id} client closed {took}")
        elif record.ended == "running":
            record.end("server stopped" if broken else "complete")

    def write_log(self, line: str) -> None:
        if self.log:
            now = time.time()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now))
            print(f"{stamp}.{int(now % 1 * 1000):03} {line}", file=self.log, flush=True)

    async def answer(self, x: Exchange, problem: dict[str, Any] | None) -> None:
        """Find what answers a request: its fault, its route, or an error."""
        path = x.request.path
        act, kind = ROUTES.get((x.request.method, path), (None, ""))
        if path.startswith("/demo/") and not is_private_name(x.request.headers.get("host", "")):
            act = None
        if act is None:
            x.send(404, error_body(f"Unknown request URL: {x.request.method} {path}."))
        elif problem:
            x.send(400, problem)
        else:
            await self.choose(x, act, kind)(x)
        await x.writer.drain()

    def choose(self, x: Exchange, act: Act, kind: str) -> Act:
        """Return the fault that concerns a request, or its usual answer."""
        if not kind:
            return act
        named = ALIASES.get(x.model, x.model.removeprefix("fault-"))
        if kind != "models" and (x.model.startswith("fault-") or x.model in ALIASES):
            fault = FAULTS.get(named)
            return fault.act if fault and fault.where in (kind, "any") else refuse_model
        fault = FAULTS[x.fault] if x.fault else None
        concerned = fault and (fault.where == kind or (fault.where == "any" and kind != "models"))
        return fault.act if fault and concerned else act

    def times_seen(self, x: Exchange) -> int:
        """Count a request by its text; return how often it has come, this time included."""
        text = json.dumps([x.model, x.data.get("messages"), x.data.get("prompt")])
        self.seen[text] += 1
        return self.seen[text]


# Command line ----------------------------------------------------------------------------------


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A demo server that speaks the OpenAI API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9099, help="0 picks a free one")
    parser.add_argument("--fault", metavar="NAME", help="misbehave so at every request")
    parser.add_argument("--list-faults", action="store_true", help="list the faults, and end")
    parser.add_argument("--pace", type=float, default=0.03, help="seconds between words")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="multiply the seconds that faults wait"
    )
    parser.add_argument("--log", metavar="FILE", help="log requests to a file; - is stderr")
    parser.add_argument("--cert", metavar="FILE", help="serve https with this certificate")
    parser.add_argument("--key", metavar="FILE", help="the certificate's key")
    return parser.parse_args()


def list_faults() -> None:
    for name, fault in FAULTS.items():
        print(f"fault-{name:24} {fault.where:7} {fault.about}")


def open_log(name: str | None) -> TextIO | None:
    if name is None or name == "-":
        return sys.stderr if name else None
    return Path(name).open("a", encoding="utf-8")


async def run(server: DemoServer) -> None:
    """Serve until a signal comes."""

    def ready() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.stopped.set)
        print(f"listening on {server.base_url}", flush=True)

    await server.serve(ready)


def main() -> int:
    options = parse_arguments()
    if options.list_faults:
        list_faults()
        return 0
    tls = None
    if options.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.cert, options.key)
    try:
        server = DemoServer(
            options.fault,
            host=options.host,
            port=options.port,
            pace=options.pace,
            scale=options.scale,
            log=open_log(options.log),
            tls=tls,
        )
        asyncio.run(run(server))
    except (OSError, ValueError) as error:
        print(f"demo_openai: {error}", file=sys.stderr)
        return 1
    return 0
