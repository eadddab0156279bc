"""The files of pictures, for whom they belong to."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.core.decorators import if_sharing, login_required
from apps.core.files.storage import send_file
from apps.core.text import clean_name
from apps.ghibli_converter import shares
from apps.ghibli_converter.models import Picture, PictureQuerySet, Style
from apps.users.http import UserRequest

NOT_FOR_SEARCH = "noindex, nofollow"


@require_safe
@login_required
def picture_file(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send the picture in full: to be looked at, or with ?download to be saved."""
    picture = get_object_or_404(_with_trash(request).exclude(result=""), pk=pk)
    name = f"{clean_name(picture.title, 60)}.png"
    return send_file(
        request, str(picture.result), "image/png", name, download="download" in request.GET
    )


@require_safe
@login_required
def picture_original(request: UserRequest, pk: int) -> HttpResponseBase:
    picture = get_object_or_404(_with_trash(request).exclude(original=""), pk=pk)
    return _send(request, str(picture.original), picture.original_name)


@require_safe
@login_required
def picture_thumbnail(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send the picture in small; as long as it is not made, the photo."""
    picture = get_object_or_404(_with_trash(request), pk=pk)
    name = str(picture.thumbnail or picture.original_thumbnail)
    if not name:
        raise Http404
    return _send(request, name, picture.title)


@require_safe
@login_required
def style_example(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send the example of a style, to everybody who is logged in."""
    style = get_object_or_404(Style.objects.on_offer().exclude(example=""), pk=pk)
    return _send(request, str(style.example), style.name)


@require_safe
@if_sharing
def shared_picture(request: HttpRequest, token: str) -> HttpResponse:
    """Show the picture to anybody who has the link."""
    context = {
        "picture": _shared(token),
        "token": token,
        "demo_model": False,  # That note is for those who run the server.
    }
    response = render(request, "ghibli_converter/shared_picture.html", context)
    response["X-Robots-Tag"] = NOT_FOR_SEARCH
    return response


@require_safe
@if_sharing
def shared_picture_file(request: HttpRequest, token: str) -> HttpResponseBase:
    response = _send(request, str(_shared(token).result), "picture.png")
    response["X-Robots-Tag"] = NOT_FOR_SEARCH
    return response


def _shared(token: str) -> Picture:
    picture = shares.find(token)
    if picture is None:
        raise Http404
    return picture


def _with_trash(request: UserRequest) -> PictureQuerySet:
    return Picture.with_trash.filter(user=request.user)


def _send(request: HttpRequest, name: str, filename: str) -> HttpResponseBase:
    content_type = f"image/{name.rsplit('.', 1)[-1]}"  # They are stored under the names of formats.
    return send_file(request, name, content_type, filename)
