"""Answers to whoever sends too much at once: they cost no thread and no database."""

import logging
import time
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_supported_language_variant, gettext
from django.utils.translation.trans_real import parse_accept_lang_header

logger = logging.getLogger("parlor.requests")

RETRY_SECONDS = 2
STATUS = 429
# To htmx: a form takes a 429 for itself, filled in again, but nothing of this one was read. All
# other refusals are shown beside the form, which stays as it is.
HTMX_STATUS = 420
LOG_SECONDS = 60.0  # One line in so many: whoever floods must not fill the log, too.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

_logged_at: dict[int, float] = {}  # By status.


def response(scope: dict[str, Any], owner: str) -> HttpResponse:
    """Refuse the request in the reader's language."""
    _log(STATUS, "too many requests at once from %s: 429", owner)
    status = HTMX_STATUS if b"hx-request" in dict(scope["headers"]) else STATUS
    refusal = _refusal(scope, "busy.html", status)
    refusal.reason_phrase = "Too Many Requests"
    return refusal


def no_room(scope: dict[str, Any]) -> HttpResponse:
    """Refuse a page that would stay open: too many are, and what they show goes on without them."""
    _log(503, "too many pages are open: 503 for those that would stay open")
    return _refusal(scope, "no_room.html", 503)


def _log(status: int, sentence: str, *values: object) -> None:
    now = time.monotonic()
    if now - _logged_at.get(status, -LOG_SECONDS) >= LOG_SECONDS:
        _logged_at[status] = now
        logger.warning(sentence, *values)


def _refusal(scope: dict[str, Any], template: str, status: int) -> HttpResponse:
    refusal = HttpResponse(_page(_language(dict(scope["headers"])), template), status=status)
    refusal["Retry-After"] = str(RETRY_SECONDS)
    refusal["Content-Security-Policy"] = POLICY
    refusal["Cache-Control"] = "private, no-store"
    return refusal


def too_large(scope: dict[str, Any]) -> HttpResponse:
    """Refuse a body of which there is more than will be read, even to be thrown away."""
    with translation.override(_language(dict(scope["headers"]))):
        return HttpResponse(gettext("This is too large"), status=413, content_type="text/plain")


def _language(headers: dict[bytes, bytes]) -> str:
    accepted = headers.get(b"accept-language", b"").decode("latin-1")
    for language, _weight in parse_accept_lang_header(accepted[:100]):
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return "en"


@cache
def _page(language: str, template: str) -> str:
    with translation.override(language):
        return render_to_string(template)
