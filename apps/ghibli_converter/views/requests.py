"""What the views of pictures ask of a request."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from apps.core.access import is_over, logged_out, login_required
from apps.core.htmx import HtmxRequest, wants_fragment
from apps.core.text import read_number
from apps.core.unsent import keep_unsent
from apps.ghibli_converter.models import Picture, PictureQuerySet
from apps.users.views import UserRequest

View = Callable[..., Any]

AT_ONCE = 200  # Pictures that one form may choose.


def owned(request: UserRequest, pk: int) -> Picture:
    """Return the person's own picture with its style, or answer 404."""
    pictures: PictureQuerySet = request.user.pictures.select_related("style")
    return get_object_or_404(pictures, pk=pk)


def login_required_to_ask(view: View) -> View:
    """Lead a person whose session is over through the log-in back to the form, with their words.

    An open page stays, with the photo that was chosen; the words are kept all the same.
    """

    @wraps(view)
    def wrapped(request: HtmxRequest, **kwargs: Any) -> Any:
        if not is_over(request):
            return login_required(view)(request, **kwargs)
        keep_unsent(request, request.path)
        if wants_fragment(request):
            return logged_out(request)
        if request.FILES:
            sentence = gettext("You were not logged in any more. Choose your photo again.")
            messages.warning(request, sentence)
        return redirect_to_login(request.get_full_path())

    return wrapped


def chosen(request: HttpRequest) -> list[int]:
    """Return the ids of the pictures that are chosen in a form."""
    return read_ids(request.POST.getlist("picture") or request.GET.getlist("picture"))


def read_ids(texts: list[str]) -> list[int]:
    return [number for text in texts[:AT_ONCE] if (number := read_number(text))]
