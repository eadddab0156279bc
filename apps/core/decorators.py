"""Who may come in, and what becomes of a form whose writer no longer may."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from apps.core import form_recovery
from apps.core.htmx import HtmxRequest, wants_fragment

View = Callable[..., Any]


def login_required(
    view: View | None = None, *, page: str = "", stays: bool = False
) -> Callable[..., Any]:
    """Send strangers to the log-in, and a form's writer from there back to the form, filled in.

    `page` names where the form is shown, if that is another address than the one it is sent to.
    An open page `stays` where htmx sends a button or a draft, or files, which cannot be kept.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HtmxRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            if request.method == "POST":
                return _interrupted(request, _page_of(request, page, kwargs), stays)
            if wants_fragment(request):
                return logged_out(request)
            return redirect_to_login(request.get_full_path())

        return wrapped

    return decorate if view is None else decorate(view)


def _page_of(request: HttpRequest, page: str, kwargs: dict[str, Any]) -> str:
    if not page:
        return request.get_full_path()
    try:
        return reverse(page, kwargs={"pk": kwargs["pk"]})
    except (KeyError, NoReverseMatch):  # It is not of a row, or not of the same one.
        return reverse(page)


def _interrupted(request: HtmxRequest, page: str, stays: bool) -> HttpResponse:
    """Keep what was sent for its page, and lead there by way of the log-in."""
    is_kept = form_recovery.keep(request, page.partition("?")[0])
    if wants_fragment(request) and (stays or request.FILES):
        return logged_out(request)
    messages.warning(request, _explain(is_kept, bool(request.FILES)))
    login = redirect_to_login(page)
    if not wants_fragment(request):
        return login
    return HttpResponse(status=401, headers={"HX-Redirect": login["Location"]})


def _explain(is_kept: bool, has_files: bool) -> str:
    sentences = [gettext("You were not logged in any more, so nothing was done.")]
    if is_kept:
        sentences.append(gettext("What you typed is still there after the log-in."))
    if has_files:
        sentences.append(gettext("Choose your files again."))
    return " ".join(sentences)


def logged_out(request: HtmxRequest) -> HttpResponse:
    """Answer htmx that the session has ended."""
    address = request.htmx.current_url_abs_path or "/"
    return render(request, "401.html", {"next": address.partition("#")[0]}, status=401)


def if_sharing(view: View) -> View:
    """Have no such page where SHARING is off."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.SHARING:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped
