"""A reply as it grows: as server-sent events for htmx, and as a page that stays open."""

from collections.abc import AsyncIterator
from typing import Any

from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone

from apps.chat.message_tree import shown_message
from apps.chat.models import Message
from apps.chat.replies import wait_status
from apps.chat.replies.streaming import follow
from apps.core.locale import Locale
from apps.server import lifecycle, stream_limits
from apps.server.open_pages import CUT, TEXT_BROWSERS, keep_flowing
from apps.server.request_threads import readers

NOTE_SECONDS = 5.0

Article = tuple[Message, int, str]  # A reply, where its text ends, and the HTML up to there.


def event_stream(events: AsyncIterator[bytes]) -> StreamingHttpResponse:
    close_old_connections()  # An open stream must not hold a connection to the database.
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    return keep_flowing(response)


def growing_page(request: HttpRequest, context: dict[str, Any]) -> StreamingHttpResponse:
    """Answer with the page of a conversation; its last reply arrives while it is written."""
    grows = not TEXT_BROWSERS.search(request.headers.get("User-Agent", ""))
    shown = {**context, "is_growing": True}
    if not grows:
        shown["reply"] = None  # Once it is shown, there is nothing to stop.
    page = render_to_string("chat/conversation.html", shown, request)
    nonce = str(request.csp_nonce)  # type: ignore[attr-defined]  # Gone once headers are sent.
    once = {"CSP_NONCE": nonce, "csrf_token": get_token(request)}
    parts = _growing({**context, "once": once}, page, grows, Locale.current())
    close_old_connections()
    return keep_flowing(StreamingHttpResponse(parts))


async def closing() -> AsyncIterator[bytes]:
    """Tell the page that nothing more comes."""
    yield b"event: done\ndata:\n\n"


async def events(reply: Message, position: int, locale: Locale) -> AsyncIterator[bytes]:
    """Yield what the page lacks of the reply as events; their ids count characters."""
    yield b": connected\n\n"
    with stream_limits.seat(reply.conversation.user_id) as seat:
        async for fragment in follow.follow(reply, position, NOTE_SECONDS):
            if seat.is_lost:
                return  # Without the end: the page comes back when it is looked at.
            if fragment:
                position = fragment.position
                yield encode_event(fragment.html, position)
            elif position:
                yield b": alive\n\n"
            else:
                yield encode_event(await _note(reply, locale))
    if not lifecycle.is_stopping():  # Then the page comes back by itself, to the next process.
        async for event in closing():
            yield event


def encode_event(html: str, position: int | None = None) -> bytes:
    """Return the HTML as an event of a stream (HTML standard, section 9.2)."""
    lines = "".join(f"data: {line}\n" for line in html.split("\n"))
    number = "" if position is None else f"id: {position}\n"
    return f"{number}{lines}\n".encode()


async def _growing(
    context: dict[str, Any], page: str, grows: bool, locale: Locale
) -> AsyncIterator[str]:
    before, start, end, after = page.split(CUT)
    yield before
    article: Article | None = context["reply"], context["growing"].position, start
    with stream_limits.seat(context["conversation"].user_id) as seat:
        while article:
            reply, position, start = article
            yield start if grows else ""
            async for html in _growing_message(reply, position, locale):
                if seat.is_lost:
                    break
                yield html if grows else "\n"  # So that no proxy takes it for dead.
            yield end if grows else ""
            article = None if seat.is_lost else await _begun_afresh(context, reply, locale)
    yield await _final(context, locale) + after


async def _growing_message(reply: Message, position: int, locale: Locale) -> AsyncIterator[str]:
    async for fragment in follow.follow(reply, position, NOTE_SECONDS):
        if fragment:
            position = fragment.position
            yield fragment.html
        else:
            yield "\n" if position else await _note(reply, locale)


async def _begun_afresh(context: dict[str, Any], reply: Message, locale: Locale) -> Article | None:
    """Return what stands in the place of the reply if its text has become another."""
    return await readers.run_first(_render_afresh, context, reply, locale)


def _render_afresh(context: dict[str, Any], earlier: Message, locale: Locale) -> Article | None:
    try:
        reply = Message.objects.in_progress().filter(pk=earlier.pk).first()
        if reply is None or reply.edition == earlier.edition:
            return None
        growing = follow.partial(reply)
        values = {"message": reply, "growing": growing, "is_growing": True}
        with locale.activated():
            page = render_to_string("chat/_growing_message.html", {**context, **values})
        return reply, growing.position, page.split(CUT)[1]
    finally:
        close_old_connections()


async def _note(reply: Message, locale: Locale) -> str:
    return await readers.run(_render_note, reply, locale)


def _render_note(reply: Message, locale: Locale) -> str:
    seconds = round((timezone.now() - reply.timestamp).total_seconds())
    try:
        with locale.activated():
            note = wait_status.waiting_note(reply, seconds)
            return render_to_string("chat/_wait_status.html", {"note": note}).strip()
    finally:
        close_old_connections()


async def _final(context: dict[str, Any], locale: Locale) -> str:
    return await readers.run_first(_render_final, context, locale)


def _render_final(context: dict[str, Any], locale: Locale) -> str:
    """Return the message as it ended; or, if it has not or is gone, where to go on."""
    try:
        with locale.activated():
            conversation, pk = context["conversation"], context["reply"].pk
            reply = Message.objects.select_related("conversation").filter(pk=pk).first()
            if reply is None or reply.is_in_progress:
                return render_to_string("chat/_left.html", {"conversation": conversation})
            values = {"shown": shown_message(reply), "picker": context["picker"], "is_newest": True}
            return render_to_string("chat/_message.html", {**values, **context["once"]})
    finally:
        close_old_connections()
