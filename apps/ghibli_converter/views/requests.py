from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from apps.ghibli_converter.models import Picture, PictureQuerySet
from apps.users.views import UserRequest

__all__ = ["UserRequest", "chosen", "owned", "read_number", "read_numbers"]

AT_ONCE = 200  # Pictures that one form may choose.


def read_number(text: str) -> int:
    """Return the number that a client has sent, or 0 for what cannot be one of ours."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def read_numbers(texts: list[str]) -> list[int]:
    return [number for text in texts[:AT_ONCE] if (number := read_number(text))]


def owned(request: UserRequest, pk: int) -> Picture:
    """Return the person's own picture with its style, or answer 404."""
    pictures: PictureQuerySet = request.user.pictures.select_related("style")
    return get_object_or_404(pictures, pk=pk)


def chosen(request: HttpRequest) -> list[int]:
    """Return the ids of the pictures that are chosen in a form."""
    return read_numbers(request.POST.getlist("picture") or request.GET.getlist("picture"))
