from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from apps.chat.unsent import keep_unsent
from apps.core.htmx import HtmxRequest, wants_fragment
from apps.users.models import User


class UserRequest(HtmxRequest):
    """A request of somebody who has logged in."""

    user: User


def read_number(text: str) -> int:
    """Return the number that a client has sent, or 0 for what cannot be one of ours."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data for a form: None if it is only looked at, for it may be sent empty."""
    return request.POST if request.method == "POST" else None


def login_required_to_send(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the message of a person whose session is over until they have logged in."""

    @wraps(view)
    def wrapped(request: HtmxRequest, pk: int | None = None) -> Any:
        arguments = [] if pk is None else [pk]
        if request.user.is_authenticated or request.method != "POST":
            return view(request, *arguments)
        page = reverse("conversation", args=arguments) if pk else reverse("new_conversation")
        keep_unsent(request, page)
        login = redirect_to_login(page)
        if not wants_fragment(request):
            return login
        return HttpResponse(status=401, headers={"HX-Redirect": login["Location"]})

    return wrapped
