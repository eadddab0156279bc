"""Django behind ASGI: pages are made in a few threads, streams are sent by the event loop.

Django's own handler starts a thread for each request, hops between threads at each step, and keeps
the thread while a stream is open. Here one job in one of a few long-lived threads does all that is
synchronous, so a page costs a fraction, a thousand open streams cost no thread and no connection
to the database, and requests that are on the way of a reply can go first.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch, set_script_prefix

from apps.server import open_files
from apps.server.admission import busy, control, request_bodies, senders, view_needs
from apps.server.admission.control import Holding
from apps.server.admission.request_bodies import LimitedBody, TooLarge, has_files
from apps.server.admission.senders import Sender
from apps.server.admission.view_needs import PAGE, Needs
from apps.server.request_threads import Lane, owner, passwords, readers, uploads, writers

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class ThreadedASGIHandler(ASGIHandler):
    """Answer requests in the web threads, and stream in the event loop."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = senders.address_of(scope)
        owner.set(f"address {address}")
        try:
            with control.hold(f"sessions of {address}"):
                sender = await senders.find(scope, address)
            owner.set(sender.owner)
            with control.hold(sender.owner) as holding:
                await holding.pace()
                response = await self._respond(scope, receive, sender, holding)
        except RequestAborted:
            return
        except control.TooMany:
            response = busy.response(scope, owner.get())
        if response.streaming and not open_files.has_room():
            await readers.run_first(response.close)
            response = busy.no_room(scope)
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            await self._stream(response, receive, send)
        finally:
            await readers.run_first(response.close)

    async def _respond(
        self, scope: Scope, receive: Receive, sender: Sender, holding: Holding
    ) -> HttpResponseBase:
        """Resolve the address, read the body, and have a thread make the response."""
        scope["match"], needs = view_needs.find(_path(scope))
        most = request_bodies.most_bytes(needs, sender)
        at_once = request_bodies.bytes_at_once(most, sender)
        limited = LimitedBody(receive, most, at_once, holding)
        try:
            body: Any = await self.read_body(limited)
            if limited.is_over and needs:  # Where nothing is, nothing but Django's check reads it.
                body.close()
                body = TooLarge()
            needs = needs or PAGE
            lane = _lane(scope, needs, body)
            run = lane.run_first if needs.is_urgent else lane.run
            response = await run(self._answer, scope, body)
        except RequestAborted:
            if limited.is_cut:
                return busy.too_large(scope)
            raise
        finally:
            limited.release()
        if lane is not passwords:  # Guesses are limited by themselves; a class may log in at once.
            holding.charge(scope["seconds"])
        return response

    def _answer(self, scope: Scope, body: Any) -> HttpResponseBase:
        """Make the response, and, unless it streams, let go of all that it held."""
        started = time.thread_time()
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__
        response._resource_closers.append(body.close)
        if not response.streaming:
            response.close()
        scope["seconds"] = time.thread_time() - started
        return cast(HttpResponseBase, response)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return what the handler has resolved already, unless middleware has changed it."""
        match = getattr(request, "scope", {}).get("match")
        if match is None or hasattr(request, "urlconf"):
            return super().resolve_request(request)
        request.resolver_match = match
        return cast(ResolverMatch, match)

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


def _path(scope: Scope) -> str:
    """Return the path below the site's own, as ASGIRequest does."""
    return str(scope["path"]).removeprefix(get_script_prefix(scope))


def _lane(scope: Scope, needs: Needs, body: Any) -> Lane:
    """Return the threads for the request."""
    if scope["method"] in ("GET", "HEAD"):
        return needs.reads_in or readers
    if needs.takes_files and has_files(dict(scope["headers"]), body):
        return uploads
    return needs.writes_in or writers
