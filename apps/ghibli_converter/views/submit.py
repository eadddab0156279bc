"""Forms that ask for a picture, on whichever page they stand."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render

from apps.core.exceptions import Refused
from apps.core.htmx import retry_after, see_other, wants_fragment
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.forms import PictureForm
from apps.ghibli_converter.images.sanitizer import PictureRefused
from apps.ghibli_converter.models import Picture
from apps.users.http import UserRequest

ShowPage = Callable[[UserRequest, PictureForm, int], HttpResponse]


def ask(
    request: UserRequest, form: PictureForm, begin: Callable[[], Picture], show_page: ShowPage
) -> HttpResponse:
    """Begin what a valid form asks for, and go to its picture; else show the form, with reasons."""
    if not form.is_valid():
        return _show_rejected(request, form, 422, show_page)
    try:
        return go_to(request, begin())
    except ghibli_converter.AlreadyAsked:
        return _asked_before(request, form)
    except PictureRefused as error:
        form.add_error("photo" if "photo" in form.fields else None, str(error))
        return _show_rejected(request, form, 422, show_page)
    except Refused as error:
        form.add_error(None, error.sentence)
        return retry_after(_show_rejected(request, form, error.status, show_page), error)


def go_to(request: UserRequest, picture: Picture) -> HttpResponse:
    """Lead to the picture; without scripts to the page that stays open until it is there."""
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": picture.get_absolute_url()})
    return see_other("follow_picture", picture.pk)


def _asked_before(request: UserRequest, form: PictureForm) -> HttpResponse:
    picture = request.user.pictures.filter(key=form.cleaned_data["key"]).first()
    if picture is None:
        raise Http404
    return go_to(request, picture)


def _show_rejected(
    request: UserRequest, form: PictureForm, status: int, show_page: ShowPage
) -> HttpResponse:
    """Show why; htmx keeps the rest of the page, with the file that was chosen."""
    if wants_fragment(request):
        context = {"form": form}
        return render(request, "ghibli_converter/_form_errors.html", context, status=status)
    return show_page(request, form, status)


def not_now(request: UserRequest, error: Refused, picture: Picture) -> HttpResponse:
    """Say why a button of the picture did nothing."""
    context = {"reason": error.sentence, "picture": picture}
    response = render(request, "ghibli_converter/user_error.html", context, status=error.status)
    return retry_after(response, error)
