"""Requests of htmx, and the answers that suit it and plain forms alike."""

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from apps.core.exceptions import Refused


class ReadableDetails(HtmxDetails):
    """What htmx says of itself; an address that cannot be read counts as none."""

    @cached_property
    def current_url(self) -> str | None:
        return _readable(super().current_url)

    @cached_property
    def current_url_abs_path(self) -> str | None:
        return _readable(super().current_url_abs_path)


def add_htmx(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Set `request.htmx`."""

    def middleware(request: Any) -> HttpResponseBase:
        request.htmx = ReadableDetails(request)
        return get_response(request)

    return middleware


def _readable(address: str | None) -> str | None:
    try:
        urlsplit(address or "")
    except ValueError:
        return None
    return address


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def wants_fragment(request: HtmxRequest) -> bool:
    """Return whether htmx asks for part of a page; boosted links and Back need the whole page."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HtmxRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render the page, or to htmx the fragment; one URL has two bodies, so caches are told."""
    template = fragment if wants_fragment(request) else page
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def leave_for(request: HtmxRequest, address: str) -> HttpResponse:
    """Answer a form with another page to look at; it has an entry in the browser's history."""
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return see_other(address)


def retry_after(response: HttpResponse, error: Refused) -> HttpResponse:
    """Say in the answer when the request can be met, if that is known."""
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def see_other(to: str | models.Model, *arguments: object) -> HttpResponseRedirect:
    """Answer a POST with the page to look at now; a reload of that does not post again."""
    return HttpResponseRedirect(resolve_url(to, *arguments), status=303)
