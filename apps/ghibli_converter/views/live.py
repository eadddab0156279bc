"""The page of a picture that is being made, for those without scripts: it arrives with it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.template.loader import render_to_string

from apps.core.locale import Locale
from apps.ghibli_converter import job
from apps.ghibli_converter.models import Picture
from apps.ghibli_converter.views.page_context import picture_context
from apps.server import lifecycle, stream_limits
from apps.server.open_pages import CUT, TEXT_BROWSERS, keep_flowing
from apps.server.request_threads import readers

LOOK_SECONDS = 1.0


def growing_page(request: Any, context: dict[str, Any]) -> StreamingHttpResponse:
    """Answer with the page of a picture; what has become of it follows when it has ended."""
    picture, context = context["picture"], {**context, "is_growing": True}
    page = render_to_string("ghibli_converter/picture.html", context, request)
    before, waiting, after = page.split(CUT)
    if TEXT_BROWSERS.search(request.headers.get("User-Agent", "")):
        waiting = ""
    left = render_to_string("ghibli_converter/_left.html", context)
    look = partial(_ended, request, picture.pk, Locale.current())
    parts = _parts(picture.user_id, look, before + waiting, left, after)
    close_old_connections()  # An open page must not hold a connection to the database.
    return keep_flowing(StreamingHttpResponse(parts))


async def _parts(
    user_id: int, look: Callable[[], str | None], before: str, left: str, after: str
) -> AsyncIterator[str]:
    yield before
    with stream_limits.seat(user_id) as seat:
        while (ended := await readers.run(look)) is None:
            if seat.is_lost or lifecycle.is_stopping():
                break
            yield "\n"  # Or a proxy would take the page for dead.
            await asyncio.sleep(LOOK_SECONDS)
    yield (ended or left) + after


def _ended(request: Any, pk: int, locale: Locale) -> str | None:
    """Return the picture as it ended, None as long as it has not, nothing if it is gone."""
    try:
        with locale.activated():
            picture = Picture.objects.select_related("style").filter(pk=pk).first()
            if picture is None:
                return ""
            if picture.is_in_progress:
                job.pictures.end_if_abandoned(picture)
                return None
            context = picture_context(request, picture)
            return render_to_string("ghibli_converter/_picture.html", context, request)
    finally:
        close_old_connections()
