"""Decorators of views: who may see a page, and what becomes of a form sent without a log-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from apps.core import form_recovery
from apps.core.htmx import HtmxRequest, render_page, wants_fragment

View = Callable[..., Any]


def login_required(
    view: View | None = None, *, page: str = "", stays: bool = False
) -> Callable[..., Any]:
    """Send anonymous visitors to the log-in; a posted form is kept, and restored afterwards.

    `page` names the page that shows the form, if its address is not the one it is sent to.
    With `stays` an open page stays: htmx sends a button or a draft from it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HtmxRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return _log_in_first(request, _page_of(request, page, kwargs), stays)
            response = view(request, *args, **kwargs)
            if request.method == "POST" and response.status_code < 400:
                form_recovery.forget_sent(request, _page_of(request, page, kwargs))
            return response

        return wrapped

    return decorate if view is None else decorate(view)


def _page_of(request: HttpRequest, page: str, kwargs: dict[str, Any]) -> str:
    if not page:
        return request.get_full_path()
    try:
        return reverse(page, kwargs={"pk": kwargs["pk"]})
    except (KeyError, NoReverseMatch):  # It is not of a row, or not of the same one.
        return reverse(page)


def _log_in_first(request: HtmxRequest, page: str, stays: bool) -> HttpResponse:
    if request.method == "POST":
        return _interrupted(request, page, stays)
    if wants_fragment(request):
        return logged_out(request)
    return redirect_to_login(request.get_full_path())


def _interrupted(request: HtmxRequest, page: str, stays: bool) -> HttpResponse:
    """Keep what was posted, and lead to its page by way of the log-in.

    What cannot be kept stays where it is: htmx leaves the page open, else the answer shows it.
    """
    is_kept = form_recovery.keep(request, page)
    is_lost = not is_kept and bool(form_recovery.typed_texts(request.POST))
    if is_lost or (wants_fragment(request) and (stays or request.FILES)):
        return logged_out(request, page if is_kept else "")
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


def logged_out(request: HtmxRequest, page_of_kept: str = "") -> HttpResponse:
    """Answer 401 with a link to the log-in, from where it goes on to what was kept."""
    current = request.htmx.current_url_abs_path or request.get_full_path()
    context = {
        "next": page_of_kept or current.partition("#")[0],
        "is_kept": bool(page_of_kept),
        "typed": [] if wants_fragment(request) else form_recovery.typed_texts(request.POST),
    }
    return render_page(request, "401.html", "core/_logged_out.html", context, status=401)


def if_sharing(view: View) -> View:
    """Answer 404 where SHARING is off."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.SHARING:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped
