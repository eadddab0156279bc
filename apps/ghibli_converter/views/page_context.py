"""Pages of pictures: which pictures a request is about, and what their pages show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from apps.core.form_recovery import restore
from apps.core.text import read_number
from apps.ghibli_converter import errors, shares
from apps.ghibli_converter.forms import DescriptionForm
from apps.ghibli_converter.models import Picture, PictureQuerySet
from apps.users.http import UserRequest

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


def picture_context(
    request: UserRequest, picture: Picture, form: DescriptionForm | None = None
) -> dict[str, Any]:
    form = form or restore(request, DescriptionForm(initial={"alt": picture.alt}))
    return {
        "picture": picture,
        "progress": progress(picture),
        "error": errors.sentence(picture),
        "offers": errors.offers(picture),
        "description_form": form,
        "link": _link(request, picture),
        "sharing": settings.SHARING,
    }


def progress(picture: Picture) -> str:
    """Say how far it is."""
    if picture.state == Picture.State.QUEUED:
        return gettext("Waiting for its turn.")
    begun = picture.started_at or timezone.now()
    seconds = max(0, round((timezone.now() - begun).total_seconds()))
    sentence = ngettext("{n} second so far", "{n} seconds so far", seconds).format(n=seconds)
    return gettext("{time}; most pictures take less than a minute.").format(time=sentence)


def _link(request: UserRequest, picture: Picture) -> str:
    token = shares.token_of(picture)
    return request.build_absolute_uri(reverse("shared_picture", args=[token])) if token else ""
