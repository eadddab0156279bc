"""A message that came in when the session was over: kept until its writer has logged in."""

from typing import Any

from django.http import HttpRequest

_KEY = "unsent"


def keep_unsent(request: HttpRequest, path: str) -> None:
    """Keep the posted message in the session for the page at this path."""
    if text := request.POST.get("message", ""):
        keep_for(request, path, text)


def keep_for(request: HttpRequest, path: str, text: str) -> None:
    """Keep the text in the session for the composer of the page at this path."""
    request.session[_KEY] = {"path": path, "text": text}


def take_unsent(request: HttpRequest) -> str:
    """Return the message that was kept for this page, once."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if kept.get("path") != request.path:
        return ""
    del request.session[_KEY]
    return str(kept["text"])
