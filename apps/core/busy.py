"""The answer to whoever has too many requests under way: it costs no thread and no database."""

import logging
import time
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

logger = logging.getLogger("parlor.requests")

RETRY_SECONDS = 2
STATUS = 429
# To htmx: a form takes a 429 for itself, filled in again, but nothing of this one was read. All
# other refusals are shown beside the form, which stays as it is.
HTMX_STATUS = 420
LOG_SECONDS = 60.0  # One line in so many: whoever floods must not fill the log, too.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

_logged_at = -LOG_SECONDS


def response(scope: dict[str, Any], owner: str) -> HttpResponse:
    """Refuse the request in the reader's language."""
    global _logged_at
    if time.monotonic() - _logged_at >= LOG_SECONDS:
        _logged_at = time.monotonic()
        logger.warning("too many requests at once from %s: 429", owner)
    headers = dict(scope["headers"])
    status = HTMX_STATUS if b"hx-request" in headers else STATUS
    reason = "Too Many Requests"
    refusal = HttpResponse(_page(_language(headers)), status=status, reason=reason)
    refusal["Retry-After"] = str(RETRY_SECONDS)
    refusal["Content-Security-Policy"] = POLICY
    refusal["Cache-Control"] = "private, no-store"
    return refusal


def _language(headers: dict[bytes, bytes]) -> str:
    accepted = headers.get(b"accept-language", b"").decode("latin-1")
    for language, _weight in parse_accept_lang_header(accepted[:100]):
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return "en"


@cache
def _page(language: str) -> str:
    with translation.override(language):
        return render_to_string("busy.html")
