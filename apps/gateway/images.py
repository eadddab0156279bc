"""Image responses: read the picture out of an answer of the images API, or download it."""

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apps.gateway.call import Call
from apps.gateway.errors.translation import UpstreamError

if TYPE_CHECKING:
    import httpx2

ANSWER_BYTES = 100_000_000  # A picture in base64 is a third longer than the picture.
_PICTURE_BYTES = 50_000_000


def picture_in(body: bytes, base_url: str, call: Call) -> bytes:
    """Return the picture in the body of an images response, if it is PNG, JPEG or WebP.

    Raise UpstreamError if there is none, or if it is anything else.
    """
    row = _first(body)
    encoded, url = row.get("b64_json"), row.get("url")
    if isinstance(encoded, str):
        try:
            picture = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise UpstreamError("unreadable", reason="no base64") from error
    elif isinstance(url, str):
        picture = _download(url, base_url, call)
    else:
        raise UpstreamError("unreadable", reason="no picture in the answer")
    if not image_format(picture):
        raise UpstreamError("unreadable", reason="neither PNG nor JPEG nor WebP")
    return picture


def image_format(data: bytes) -> str:
    """Return "png", "jpeg" or "webp", by the file signature; "" for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def _first(body: bytes) -> dict[str, Any]:
    try:
        rows = json.loads(body)["data"]
        row = rows[0]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UpstreamError("unreadable", reason="no list of pictures") from error
    return row if isinstance(row, dict) else {}


def _download(address: str, base_url: str, call: Call) -> bytes:
    """Download a picture from the upstream itself, or from a host in IMAGE_URL_HOSTS."""
    import httpx2

    from apps.gateway.transport.http import Transport

    try:
        url, own = httpx2.URL(address), httpx2.URL(base_url)
    except httpx2.InvalidURL as error:
        raise UpstreamError("unreadable", reason="no URL") from error
    if _origin(url) != _origin(own):
        if url.scheme != "https" or url.host not in settings.IMAGE_URL_HOSTS:
            reason = f"a picture on {url.host[:100]}, which is not among IMAGE_URL_HOSTS"
            raise UpstreamError("unreadable", reason=reason)
        call.public_only = True
    call.bytes_left = _PICTURE_BYTES
    with httpx2.Client(transport=Transport(), trust_env=False, follow_redirects=False) as client:
        answer = client.get(url, timeout=settings.IMAGE_TIMEOUT_SECONDS)
    if answer.status_code != 200:
        raise UpstreamError("unreadable", status=answer.status_code, reason="no picture at the URL")
    return answer.content


def _origin(url: "httpx2.URL") -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # The port is None where it is the scheme's own.
