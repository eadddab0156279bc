"""What a stream holds: a dict is a chunk's own fields, bytes go as they are."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any] | bytes

TEXT = "Here are three parts."
HALVES = ("Here are three ", "parts.")
HMM = "I should count."
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg=="
)
# A picture of 150 by 100 black points, as a BMP: 60,000 letters.
BMP = base64.b64encode(
    b"BM"
    + struct.pack("<IIIIiiHHIIiiII", 45_054, 0, 54, 40, 150, 100, 1, 24, 0, 0, 0, 0, 0, 0)
    + bytes(452 * 100)
).decode()
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Answer:
    about: str
    events: list[Event] = field(default_factory=list)
    body: dict[str, Any] | None = None  # Of a JSON answer instead of a stream.
    kind: str = "application/json"


def delta(finish: str | None = None, index: int | None = 0, **fields: object) -> dict[str, Any]:
    place = {} if index is None else {"index": index}
    return {"choices": [{**place, "delta": fields, "finish_reason": finish}]}


def part(text: str) -> dict[str, Any]:
    return delta(content=text)


def parts(*texts: str) -> list[Event]:
    return [part(text) for text in texts]


def whole(**fields: object) -> dict[str, Any]:
    message = {"role": "assistant", **fields}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def picture(url: str) -> dict[str, Any]:
    return delta(content="", images=[{"type": "image_url", "image_url": {"url": url}}])


def ended(reason: str | None, *events: Event) -> list[Event]:
    return [*(events or parts(*HALVES)), delta(reason), DONE]


def said(text: str, size: int = 7) -> list[Event]:
    """Return the text in pieces that cut marks anywhere, and a good end."""
    return [*parts(*(text[at : at + size] for at in range(0, len(text), size))), *STOP]


STOP: list[Event] = [delta("stop"), DONE]
