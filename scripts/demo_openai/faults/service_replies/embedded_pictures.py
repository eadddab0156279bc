"""Replies with pictures as letters in the text."""

from __future__ import annotations

from scripts.demo_openai.faults.service_replies.chunks import (
    BMP,
    PICTURE,
    TEXT,
    Answer,
    Event,
    said,
)


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
