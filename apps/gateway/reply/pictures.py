"""Reply pictures: data URLs, base64 and URLs, in the shapes in which services send them."""

import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from apps.core.text import clean_name
from apps.gateway.types import ReplyPicture

_DATA = re.compile(r"data:(image/[\w.+-]+)?((?:;[^;,]*)*),", re.IGNORECASE)
_PICTURE_FIELDS = ("image_url", "image", "inline_data", "inlineData", "source", "file")
_DATA_FIELDS = ("url", "b64_json", "data", "base64", "image_base64", "result", "file_data", "uri")
_DESCRIPTION_FIELDS = ("description", "alt_text", "alt", "revised_prompt", "name")
_DESCRIPTION_CHARS = 300
_HOST_CHARS = 100


def picture_in(part: object) -> ReplyPicture | None:
    """Return the picture in a part of a reply; one given by URL has no data."""
    if isinstance(part, str):
        return _picture(part, "")
    if not isinstance(part, dict):
        return None
    holders: list[dict[str, Any]] = [part]
    for form in _PICTURE_FIELDS:
        inner = part.get(form)
        if isinstance(inner, str) and inner:
            return _picture(inner, _description(part))
        if isinstance(inner, dict):
            holders.insert(0, inner)
    for holder in holders:
        for name in _DATA_FIELDS:
            if isinstance(value := holder.get(name), str) and value:
                return _picture(value, _description(part) or _description(holder))
    return None


def _picture(value: str, description: str) -> ReplyPicture:
    value = value.strip()
    if head := _DATA.match(value):
        data = value[head.end() :]
        is_base64 = ";base64" in head[2].lower()
        return _read(_decoded(data) if is_base64 else unquote_to_bytes(data), description)
    is_address = re.match(r"[a-z][a-z0-9+.-]*:|/", value[:40], re.IGNORECASE)
    # The base64 of a JPEG begins with a slash, too, as "/9j/".
    if is_address and not value.startswith("/9j/"):
        return ReplyPicture(b"", description, problem="address", host=_host(value))
    return _read(_decoded(value), description)


def _read(data: bytes, description: str) -> ReplyPicture:
    return ReplyPicture(data, description, problem="" if data else "broken")


def _host(address: str) -> str:
    try:
        return clean_name(urlsplit(address).hostname or "", _HOST_CHARS)
    except ValueError:
        return ""


def _decoded(text: str) -> bytes:
    """Return the decoded bytes; b"" if the text is not base64."""
    text = "".join(unquote_to_bytes(text).decode("ascii", "replace").split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=None, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _description(holder: dict[str, Any]) -> str:
    words = (value for name in _DESCRIPTION_FIELDS if isinstance(value := holder.get(name), str))
    return clean_name(next(words, ""), _DESCRIPTION_CHARS)
