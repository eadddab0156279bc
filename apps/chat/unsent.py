"""A message that came in when the session was over: kept until its writer has logged in."""

from typing import Any

from django.http import HttpRequest

_KEY = "unsent"


def keep_unsent(request: HttpRequest, path: str) -> None:
    """Keep the posted message in the session for the page at this path."""
    if text := request.POST.get("message", ""):
        keep_for(request, path, text, request.POST.get("writer", ""))


def keep_for(request: HttpRequest, path: str, text: str, writer: str = "") -> None:
    """Keep the text in the session for the composer of the page at this path."""
    request.session[_KEY] = {"path": path, "text": text, "writer": writer}


def take_unsent(request: HttpRequest, path: str) -> str:
    """Return the message that was kept for this page, once, and to nobody but its writer."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if kept.get("path") != path:
        return ""
    del request.session[_KEY]
    is_own = kept["writer"] in ("", str(request.user.pk))
    return str(kept["text"]) if is_own else ""
