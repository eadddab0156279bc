"""HTTP/1.1: reading requests, forms and chunked bodies, as a server does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MAX_BODY = 100 * 1024 * 1024  # Bytes.


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
    """A reader that notices at once when the client has closed the connection."""

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
