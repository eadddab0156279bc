"""The page of a picture that is being made, for those without scripts: it arrives with it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from apps.core import lifecycle
from apps.core.streaming import CUT, TEXT_BROWSERS, keep_flowing
from apps.core.web_threads import readers
from apps.ghibli_converter import keeping
from apps.ghibli_converter.models import Picture
from apps.ghibli_converter.views.pages import picture_context

LOOK_SECONDS = 1.0


def growing_page(request: Any, context: dict[str, Any]) -> StreamingHttpResponse:
    """Answer with the page of a picture; what has become of it follows when it has ended."""
    context = {**context, "is_growing": True}
    page = render_to_string("ghibli_converter/picture.html", context, request)
    before, waiting, after = page.split(CUT)
    if TEXT_BROWSERS.search(request.headers.get("User-Agent", "")):
        waiting = ""
    parts = _parts(request, context["picture"].pk, before + waiting, after)
    close_old_connections()  # An open page must not hold a connection to the database.
    return keep_flowing(StreamingHttpResponse(parts))


async def _parts(request: HttpRequest, pk: int, before: str, after: str) -> AsyncIterator[str]:
    language = translation.get_language()
    yield before
    while (ended := await readers.run(_ended, request, pk, language)) is None:
        if lifecycle.is_stopping():
            break
        yield "\n"  # Or a proxy would take the page for dead.
        await asyncio.sleep(LOOK_SECONDS)
    yield (ended or "") + after


def _ended(request: Any, pk: int, language: str) -> str | None:
    """Return the picture as it ended, None as long as it has not."""
    try:
        with translation.override(language):
            picture = Picture.objects.select_related("style").filter(pk=pk).first()
            if picture is None:
                return ""
            if picture.is_in_progress:
                keeping.end_if_abandoned(picture)
                return None
            context = picture_context(request, picture)
            return render_to_string("ghibli_converter/_picture.html", context, request)
    finally:
        close_old_connections()
