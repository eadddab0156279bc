"""Middleware for the Host that a request names."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

from apps.core import views

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PROBES = ("healthz/", "readyz/")
MOST_CHARS = 100  # Of a foreign Host, in the log.


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
