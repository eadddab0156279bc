"""What a request's messages hold: their texts, their pictures, their tokens."""

from __future__ import annotations

import base64
from typing import Any

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


def texts_by(messages: list[Message], *roles: str) -> list[str]:
    return [text_of(message) for message in messages if message.get("role") in roles]


def count_tokens(text: str) -> int:
    return len(text) // 4 + 1
