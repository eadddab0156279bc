"""Middleware without an asynchronous side: one hop to a thread carries the whole chain."""

import logging
import time
from collections.abc import Callable
from wsgiref.headers import Headers

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

from apps.core import views
from apps.core.monitoring import metrics
from apps.core.monitoring.log_paths import loggable_path
from apps.server import log_context

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger("parlor.requests")

PROBES = ("healthz/", "readyz/")
MOST_CHARS = 100  # Of a foreign Host, in the log.
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


def log_requests(get_response: GetResponse) -> GetResponse:
    """Log one line a request: method, path, status, milliseconds, person; no query, no body.

    Each has an id, which the answer tells, too: who reports a fault can name it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        number = log_context.current().get("request") or log_context.new_id()
        with log_context.bound(request=number):
            response = get_response(request)
            response.headers["X-Request-ID"] = str(number)
            _log(request, response, started)
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponseBase, started: float) -> None:
    user = getattr(request, "user", None)
    seconds = time.perf_counter() - started
    view = request.resolver_match.view_name if request.resolver_match else ""
    metrics.count_request(view or "-", request.method or "-", response.status_code, seconds)
    logger.info(
        "%s %s %s %.0fms user=%s",
        request.method,
        loggable_path(request),
        response.status_code,
        seconds * 1000,
        user.pk if user and user.is_authenticated else "-",
    )


def add_headers(get_response: GetResponse) -> GetResponse:
    """Keep pages out of caches and features out of reach, unless the view said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def check_host(get_response: GetResponse) -> GetResponse:
    """Refuse hosts that are not ours, before anything that logs an error for each of them.

    Probes know an address and no name, so they count as if they had named the first of ours.
    """

    probes = {f"/{prefix}{each}" for each in PROBES for prefix in ("", settings.SITE_PREFIX)}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info in probes:
            request.META["HTTP_HOST"] = _own_host()
        try:
            request.get_host()
        except DisallowedHost as error:
            request.META["parlor.refused_host"] = request.META.get("HTTP_HOST", "")[:MOST_CHARS]
            return views.bad_request(request, error)
        return get_response(request)

    return middleware


def _own_host() -> str:
    host: str = settings.ALLOWED_HOSTS[0]
    return "localhost" if host == "*" else host.removeprefix(".")


def add_static_headers(headers: Headers, path: str, url: str) -> None:
    """Add to static files, which Django's middleware never sees, what protects them."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
