"""A message that came in when the session was over: kept until its writer has logged in."""

from typing import Any

from django.http import HttpRequest

_KEY = "unsent"


def keep_unsent(request: HttpRequest, path: str) -> None:
    """Keep the posted message in the session for the page at this path."""
    if text := request.POST.get("message", ""):
        request.session[_KEY] = {"path": path, "text": text}


def take_unsent(request: HttpRequest) -> str:
    """Return the message that was kept for this page, once."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if kept.get("path") != request.path:
        return ""
    del request.session[_KEY]
    return str(kept["text"])
