"""Ways to answer that services in use have, as data: what the demo model's stream then holds.

Each row is a name, a sentence, and what is sent: a dict is a chunk's own fields, bytes go as they
are. Instead of a stream it may be one JSON body, whose fields the row gives.
"""

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
THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": HMM}]}
CITATION = {"type": "url_citation", "url_citation": {"url": "https://example.org/", "title": "E"}}
CHANNEL = "<|channel|>{}<|message|>"
HARMONY = f"{CHANNEL.format('analysis')}{HMM}<|end|><|start|>assistant{CHANNEL.format('final')}"

SHAPES = {
    "parts": Answer(
        "the text as a list of parts, thoughts among them",
        [
            delta(content=[THINKING]),
            *(delta(content=[{"type": "text", "text": half}]) for half in HALVES),
            *STOP,
        ],
    ),
    "parts-whole": Answer(
        "one JSON body whose text is a list of parts",
        body=whole(content=[THINKING, *({"type": "text", "text": half} for half in HALVES)]),
    ),
    "parts-unknown": Answer(
        "a part of a kind that nobody knows",
        [delta(content=[{"type": "hologram", "size": 3}]), *parts(*HALVES), *STOP],
    ),
    "second-choice": Answer(
        "a second choice between the pieces of the first",
        [
            part(HALVES[0]),
            delta(index=1, content="Another answer."),
            part(HALVES[1]),
            delta("length", index=1),
            *STOP,
        ],
    ),
    "reply-picture": Answer("text and a picture", [part(TEXT), picture(PICTURE), *STOP]),
    "reply-picture-only": Answer("a picture without a word", [picture(PICTURE), *STOP]),
    "reply-picture-address": Answer(
        "a picture as an address", [part(TEXT), picture("https://example.org/a.png"), *STOP]
    ),
    "reasoning-details": Answer(
        "the thoughts said twice, in two fields",
        [
            delta(
                content="",
                reasoning=HMM,
                reasoning_details=[{"type": "reasoning.text", "text": HMM}],
            ),
            *parts(*HALVES),
            *STOP,
        ],
    ),
    "blank-events": Answer(
        "events without data between the pieces",
        [part(HALVES[0]), b"data:\n\n", b"data: \n\n", part(HALVES[1]), *STOP],
    ),
    "repeat-message": Answer(
        "the last chunk has the whole message beside its delta",
        [
            *parts(*HALVES),
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {},
                        "message": {"role": "assistant", "content": TEXT},
                        "finish_reason": "stop",
                    }
                ]
            },
            DONE,
        ],
    ),
    "repeat-delta": Answer(
        "the last delta says the whole text again", [*parts(*HALVES), delta("stop", content=TEXT)]
    ),
    "lines": Answer(
        "events that only line ends part",
        [b'data: {"choices": [{"delta": {"content": "%s"}}]}\n' % half.encode() for half in HALVES]
        + STOP,
    ),
    "enveloped": Answer("one JSON body inside another", body={"data": whole(content=TEXT)}),
    "pings": Answer(
        "words between the pieces that only keep the connection open",
        [part(HALVES[0]), b"data: ping\n\n", {"type": "ping"}, part(HALVES[1]), *STOP],
    ),
    "tool-result": Answer(
        "what a tool of the service has said, among the parts",
        [delta(content=[{"type": "tool_result", "content": "raw"}]), *parts(*HALVES), *STOP],
    ),
    "annotations": Answer(
        "sources as annotations", [part(TEXT), delta(annotations=[CITATION]), *STOP]
    ),
    "citations": Answer(
        "sources on each chunk",
        [{**part(half), "citations": ["https://example.org/"]} for half in HALVES] + STOP,
    ),
    "json-429": Answer(
        "200 with an error of the number 429 in JSON",
        body={"error": {"code": 429, "message": "Rate limited"}},
    ),
    "json-429-events": Answer(
        "the same, called a stream of events",
        body={"error": {"code": 429, "message": "Rate limited"}},
        kind="text/event-stream",
    ),
}
ENDS = {
    "end-eos": Answer("ends with `EOS`", ended("EOS")),
    "end-null": Answer(
        "says `null` in quotation marks as the reason of each piece, and `stop` at its end",
        [delta("null", content=half) for half in HALVES] + STOP,
    ),
    "end-max-tokens": Answer("ends with `MAX_TOKENS`", ended("MAX_TOKENS")),
    "end-model-length": Answer("ends with `model_length`", ended("model_length")),
    "end-safety": Answer("ends with `SAFETY`", ended("SAFETY")),
    "end-fault": Answer(
        "ends with `insufficient_system_resource`", ended("insufficient_system_resource")
    ),
    "end-unknown": Answer("ends with a reason that nobody knows", ended("tea_time")),
    "end-function": Answer(
        "ends with `function_call`, without text",
        ended("function_call", delta(function_call={"name": "rm", "arguments": "{}"})),
    ),
    "end-object": Answer(
        "ends with an object that says `length`",
        [*parts(*HALVES), {"choices": [{"delta": {}, "finish_reason": {"type": "length"}}]}, DONE],
    ),
    "end-native": Answer(
        "ends with `stop`, and beside it the model's own `MAX_TOKENS`",
        [
            *parts(*HALVES),
            {
                "choices": [
                    {"delta": {}, "finish_reason": "stop", "native_finish_reason": "MAX_TOKENS"}
                ]
            },
            DONE,
        ],
    ),
    "end-line": Answer(
        "breaks off with an error in a bare line",
        [*parts(*HALVES), b'{"error":"model runner has unexpectedly stopped"}\n'],
    ),
    "end-thinking": Answer(
        "ends with `length` while it thinks", ended("length", delta(reasoning_content=HMM))
    ),
    "end-think-tag": Answer(
        "ends with `length` inside `<think>`", ended("length", part(f"<think>\n{HMM}"))
    ),
}
THOUGHTS = {
    name: Answer(about, said(text.format(hmm=HMM, text=TEXT)))
    for name, about, text in (
        ("marks-no-start", "thoughts whose beginning is missing", "{hmm}\n</think>\n\n{text}"),
        ("marks-empty", "thoughts without a word", "<think>\n\n</think>\n\n{text}"),
        ("marks-twice", "marks that stand twice", "<think><think>{hmm}</think></think>{text}"),
        ("marks-blank", "a blank in the closing mark", "<think>{hmm}</think >\n{text}"),
        ("marks-closed", "one mark that opens and closes", "<think/>\n{text}"),
        ("marks-harmony", "the channels of Harmony", HARMONY + "{text}<|return|>"),
        ("marks-gemma", "the channel of Gemma", "<|channel>thought\n{hmm}<channel|>{text}"),
        ("marks-mistral", "[THINK] and [/THINK]", "[THINK]{hmm}[/THINK]{text}"),
        ("marks-kimi", "◁think▷ and ◁/think▷", "◁think▷{hmm}◁/think▷{text}"),
        (
            "marks-hunyuan",
            "thoughts and the answer, each in its tag",
            "<think>\n{hmm}\n</think>\n<answer>\n{text}\n</answer>",
        ),
        (
            "marks-granite",
            "thoughts between plain words",
            "Here is my thought process: {hmm}\n\nHere is my response: {text}",
        ),
    )
}


def _in_text(address: str, size: int = 7) -> list[Event]:
    return said(f"{TEXT} ![chart]({address}) Well?", size)


EMBEDDED = {
    "text-picture": Answer("a picture as letters in the text", _in_text(PICTURE)),
    "text-picture-long": Answer(
        "a picture of many letters in the text", _in_text(f"data:image/bmp;base64,{BMP}", 500)
    ),
    "text-picture-svg": Answer(
        "an SVG drawing as letters in the text", _in_text("data:image/svg+xml;base64,PHN2Zy8+")
    ),
    "text-picture-broken": Answer(
        "letters in the text that are no picture", _in_text("data:image/png;base64,iVBORw0KGgo=")
    ),
    "text-picture-open": Answer(
        "a picture in the text that has no end", said(f"{TEXT} ![chart]({PICTURE}"[:-20])
    ),
}

ANSWERS = {**SHAPES, **ENDS, **THOUGHTS, **EMBEDDED}
