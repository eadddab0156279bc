"""What was written when the session was over: kept until its writer has logged in."""

from typing import Any

from django.http import HttpRequest, QueryDict

FIELDS = ("message", "words")  # In which people write what must not be lost.

_KEY = "unsent"


def typed(form: QueryDict) -> str:
    """Return what was written in a form: a message, or the words for a picture."""
    return next((str(text) for field in FIELDS if (text := form.get(field))), "")


def keep_unsent(request: HttpRequest, path: str) -> None:
    """Keep what was posted in the session for the page at this path."""
    if text := typed(request.POST):
        keep_for(request, path, text, request.POST.get("writer", ""))


def keep_for(request: HttpRequest, path: str, text: str, writer: str = "") -> None:
    """Keep the text in the session for the form of the page at this path."""
    request.session[_KEY] = {"path": path, "text": text, "writer": writer}


def take_unsent(request: HttpRequest, path: str) -> str:
    """Return what was kept for this page, once, and to nobody but its writer."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if kept.get("path") != path:
        return ""
    del request.session[_KEY]
    is_own = kept["writer"] in ("", str(request.user.pk))
    return str(kept["text"]) if is_own else ""
