"""What the views of pictures ask of a request."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from apps.core.text import read_number
from apps.ghibli_converter.models import Picture, PictureQuerySet
from apps.users.views import UserRequest

AT_ONCE = 200  # Pictures that one form may choose.


def owned(request: UserRequest, pk: int) -> Picture:
    """Return the person's own picture with its style, or answer 404."""
    pictures: PictureQuerySet = request.user.pictures.select_related("style")
    return get_object_or_404(pictures, pk=pk)


def chosen(request: HttpRequest) -> list[int]:
    """Return the ids of the pictures that are chosen in a form."""
    return read_ids(request.POST.getlist("picture") or request.GET.getlist("picture"))


def read_ids(texts: list[str]) -> list[int]:
    return [number for text in texts[:AT_ONCE] if (number := read_number(text))]
