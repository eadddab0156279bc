from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.access import is_over, login_required
from apps.core.htmx import HtmxRequest, wants_fragment
from apps.core.text import read_number as read_number
from apps.core.unsent import keep_unsent
from apps.users.models import User

View = Callable[..., Any]


class UserRequest(HtmxRequest):
    """A request of somebody who has logged in."""

    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data for a form: None if it is only looked at, for it may be sent empty."""
    return request.POST if request.method == "POST" else None


def login_required_to_send(page: str) -> Callable[[View], View]:
    """Lead a person whose session is over through the log-in to the page, with their message."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HtmxRequest, **kwargs: Any) -> Any:
            if not is_over(request):
                return login_required(view)(request, **kwargs)
            path = reverse(page, kwargs=kwargs)
            keep_unsent(request, path)
            if request.FILES:
                sentence = _("You were not logged in any more. Attach your files again.")
                messages.warning(request, sentence)
            login = redirect_to_login(path)
            if not wants_fragment(request):
                return login
            return HttpResponse(status=401, headers={"HX-Redirect": login["Location"]})

        return wrapped

    return decorate


def login_required_to_keep(page: str) -> Callable[[View], View]:
    """Keep a draft whose writer's session is over for the page, without leading anyone there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HtmxRequest, **kwargs: Any) -> Any:
            if is_over(request):
                keep_unsent(request, reverse(page, kwargs=kwargs))
            return login_required(view)(request, **kwargs)

        return wrapped

    return decorate


def login_required_to_act(view: View) -> View:
    """Keep what stood in the composer when a plain button of it was pressed too late.

    The log-in leads to the front page of the chat, where it is shown. An open page keeps it itself.
    """

    @wraps(view)
    def wrapped(request: HtmxRequest, **kwargs: Any) -> Any:
        if is_over(request) and not wants_fragment(request):
            keep_unsent(request, reverse("new_conversation"))
        return login_required(view)(request, **kwargs)

    return wrapped
