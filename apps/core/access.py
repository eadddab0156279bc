"""Who may come in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.htmx import HtmxRequest, wants_fragment

View = Callable[..., Any]


def login_required(view: View) -> View:
    """Send strangers to the log-in page; a page that is open already only says so.

    An open page may hold a text that is not sent yet, so htmx is not sent elsewhere: the answer
    is 401, shown as an alert with a link.
    """

    @wraps(view)
    def wrapped(request: HtmxRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if wants_fragment(request):
            return logged_out(request)
        # An address that only takes forms cannot be opened after the log-in.
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/chat/")

    return wrapped


def is_over(request: HtmxRequest) -> bool:
    """Tell whether this is a form whose writer is no longer logged in."""
    return request.method == "POST" and not request.user.is_authenticated


def logged_out(request: HtmxRequest) -> HttpResponse:
    """Answer htmx that the session has ended."""
    current = urlsplit(request.htmx.current_url or "/")
    address = current._replace(scheme="", netloc="", fragment="").geturl()
    return render(request, "401.html", {"next": address}, status=401)


def if_sharing(view: View) -> View:
    """Have no such page where SHARING is off."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.SHARING:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped
