"""Django behind ASGI: pages are made in a few threads, streams are sent by the event loop.

Django's own handler starts a thread for each request, hops between threads at each step, and keeps
the thread while a stream is open. Here one job in one of a few long-lived threads does all that is
synchronous, so a page costs a fraction, a thousand open streams cost no thread and no connection
to the database, and requests that are on the way of a reply can go first.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted, RequestDataTooBig
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from apps.core.web_threads import Lane, makers, readers, uploads, writers

# A reply is being written, or a probe asks whether this process lives.
URGENT = ("/stream/", "/stop/", "/healthz/", "/readyz/")
# Another process makes the answer, in seconds; the thread only waits for it.
SLOW = ("/export/pdf/",)
IMPORT = "/import/"  # It takes one file, which may be larger than any other.
FORM_BYTES = 1_000_000  # What a form may have beside that file.
FILES = re.compile(rb'filename="[^"]')  # In a form whose file field is not empty.
DISCARDED = 8  # Times the limit that are read only so that the refusal can be, too.

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class ThreadedASGIHandler(ASGIHandler):
    """Answer requests in the web threads, and stream in the event loop."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._read(scope, receive)
        except RequestAborted:
            return
        lane = _lane(scope, body)
        run = lane.run_first if scope["path"].endswith(URGENT) else lane.run
        response = await run(self._answer, scope, body)
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            await self._stream(response, receive, send)
        finally:
            await readers.run_first(response.close)

    async def _read(self, scope: Scope, receive: Receive) -> Any:
        """Read the body; in place of one that is too large return what says so to its reader.

        All of it is read nevertheless: browsers do not look at an answer before they have sent.
        """
        limited = _Limited(receive, _most_bytes(scope))
        body = await self.read_body(limited)
        if not limited.is_over:
            return body
        body.close()
        return _TooLarge()

    def _answer(self, scope: Scope, body: Any) -> HttpResponseBase:
        """Make the response, and, unless it streams, let go of all that it held."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__
        response._resource_closers.append(body.close)
        if not response.streaming:
            response.close()
        return cast(HttpResponseBase, response)

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Send until the response ends or the reader leaves."""
        sending = asyncio.ensure_future(self.send_response(response, send))
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not sending.done():
            sending.cancel()
        with suppress(asyncio.CancelledError):  # The stream's own `finally` has run by then.
            await sending


class _Limited:
    """What a client sends, without what is more than it may."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._most = most_bytes
        self._bytes = 0

    @property
    def is_over(self) -> bool:
        return self._bytes > self._most

    async def __call__(self) -> Mapping[str, Any]:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > DISCARDED * self._most:
            return {"type": "http.disconnect"}
        return {**message, "body": b""} if self.is_over else message


class _TooLarge:
    """In the place of a body that was not kept."""

    def read(self, *_: int) -> bytes:
        raise RequestDataTooBig("The request is larger than it may be.")

    def close(self) -> None:
        pass


def _most_bytes(scope: Scope) -> int:
    """Return how large the body of the request may be."""
    most: int = settings.UPLOAD_MAX_BYTES
    if scope["path"].endswith(IMPORT):
        most = max(most, settings.IMPORT_MAX_BYTES + FORM_BYTES)
    return most


def _lane(scope: Scope, body: Any) -> Lane:
    """Return the threads for the request; files take long to look at, so they have their own."""
    if scope["method"] in ("GET", "HEAD"):
        return makers if scope["path"].endswith(SLOW) else readers
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if not kind.startswith(b"multipart/") or isinstance(body, _TooLarge):
        return writers
    start = body.read(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
    has_files = bool(body.read(1)) or FILES.search(start)
    body.seek(0)
    return uploads if has_files else writers
