"""Django behind ASGI: pages are made in a few threads, streams are sent by the event loop.

Django's own handler starts a thread for each request, hops between threads at each step, and keeps
the thread while a stream is open. Here one job in one of a few long-lived threads does all that is
synchronous, so a page costs a fraction, a thousand open streams cost no thread and no connection
to the database, and requests that are on the way of a reply can go first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from apps.core.web_threads import makers, readers, writers

# A reply is being written, or a probe asks whether this process lives.
URGENT = ("/stream/", "/stop/", "/healthz/", "/readyz/")
# Another process makes the answer, in seconds; the thread only waits for it.
SLOW = ("/export/pdf/",)


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
            body = await self.read_body(receive)
        except RequestAborted:
            return
        lane = readers if scope["method"] in ("GET", "HEAD") else writers
        lane = makers if lane is readers and scope["path"].endswith(SLOW) else lane
        run = lane.run_first if scope["path"].endswith(URGENT) else lane.run
        response = await run(self._answer, scope, body)
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            await self._stream(response, receive, send)
        finally:
            await readers.run_first(response.close)

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
