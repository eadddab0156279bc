"""Message content as sent: a text, or a list of text and image_url parts."""

import base64
from collections.abc import Callable
from typing import Any

Content = str | list[dict[str, Any]]


def text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def picture_part(data: bytes, content_type: str) -> dict[str, Any]:
    """Return a picture's part, as a data URL: no service can fetch from a private server."""
    return {"type": "image_url", "image_url": {"url": data_address(data, content_type)}}


def data_address(data: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(data).decode()}"


def parts_of(content: Content) -> list[dict[str, Any]]:
    return [text_part(content)] if isinstance(content, str) else content


def text_of(content: Content) -> str:
    return "\n\n".join(part["text"] for part in parts_of(content) if "text" in part)


def has_pictures(content: Content) -> bool:
    return any(part["type"] == "image_url" for part in parts_of(content))


def with_text(content: Content, change: Callable[[str], str]) -> Content:
    """Return the content with change() applied to each of its texts."""
    if isinstance(content, str):
        return change(content)
    return [{**part, "text": change(part["text"])} if "text" in part else part for part in content]


def joined(one: Content, other: Content) -> Content:
    """Return both in one content: a text if both are texts."""
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n\n{other}"
    return [*parts_of(one), *parts_of(other)]
