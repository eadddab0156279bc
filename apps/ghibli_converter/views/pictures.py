import uuid
from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, retarget

from apps.core import form_recovery
from apps.core.decorators import if_sharing, login_required
from apps.core.exceptions import Refused
from apps.core.htmx import see_other, wants_fragment
from apps.core.text import read_number
from apps.ghibli_converter import job, shares
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.forms import DescriptionForm, PictureForm
from apps.ghibli_converter.models import Picture
from apps.ghibli_converter.views import live, submit
from apps.ghibli_converter.views.page_context import owned, picture_context
from apps.server.admission.view_needs import urgent
from apps.users.http import UserRequest


@require_safe
@login_required
def picture(request: UserRequest, pk: int) -> HttpResponse:
    return _page(request, owned(request, pk))


@urgent
@require_safe
@login_required
def follow_picture(request: UserRequest, pk: int) -> HttpResponseBase:
    """Show the page of a picture, which stays open until that is made; no script is needed."""
    picture = owned(request, pk)
    if job.pictures.end_if_abandoned(picture) or not picture.is_in_progress:
        return redirect(picture)
    return live.growing_page(request, picture_context(request, picture))


@urgent
@require_safe
@vary_on_headers("HX-Request")
@login_required
def picture_progress(request: UserRequest, pk: int) -> HttpResponse:
    """Tell the page of a picture how far it is; in the end, send all that has changed."""
    picture = owned(request, pk)
    if not wants_fragment(request):
        return redirect(picture)
    job.pictures.end_if_abandoned(picture)
    picture.refresh_from_db()
    context = picture_context(request, picture)
    if picture.is_in_progress:
        return render(request, "ghibli_converter/_progress.html", context)
    # The focus stays where it is: it may be in the description.
    response = render(request, "ghibli_converter/_ended.html", context)
    return reswap(retarget(response, "#picture"), "outerHTML")


@require_safe
@vary_on_headers("HX-Request")
@login_required
def picture_card(request: UserRequest, pk: int) -> HttpResponse:
    """Send the picture as it stands in the gallery; nothing as long as nothing has changed."""
    picture = owned(request, pk)
    if not wants_fragment(request):
        return redirect(picture)
    if request.GET.get("state") == picture.state and not job.pictures.end_if_abandoned(picture):
        return HttpResponse(status=204)
    picture = owned(request, pk)
    return render(request, "ghibli_converter/_card.html", {"picture": picture})


@urgent
@require_POST
@login_required(page="picture", stays=True)
def cancel_picture(request: UserRequest, pk: int) -> HttpResponse:
    picture = owned(request, pk)
    ghibli_converter.cancel(picture)
    return _changed(request, picture)


@require_POST
@login_required(page="picture", stays=True)
def retry_picture(request: UserRequest, pk: int) -> HttpResponse:
    picture = owned(request, pk)
    try:
        ghibli_converter.try_again(picture, tries=read_number(request.POST.get("tries", "")))
    except Refused as error:
        return submit.not_now(request, error, picture)
    if wants_fragment(request):
        return _fragment(request, owned(request, pk))
    return see_other("follow_picture", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required
def again_picture(request: UserRequest, pk: int) -> HttpResponse:
    """Make a picture anew, of the same words or the same photo, in another style."""
    return _another(request, owned(request, pk), ghibli_converter.again, is_input=False)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required
def use_picture(request: UserRequest, pk: int) -> HttpResponse:
    """Convert what was made once more."""
    picture = owned(request, pk)
    if not picture.is_done:
        raise Http404
    return _another(request, picture, ghibli_converter.use, is_input=True)


@require_POST
@login_required(page="picture")
def describe_picture(request: UserRequest, pk: int) -> HttpResponse:
    picture = owned(request, pk)
    form = DescriptionForm(request.POST)
    if not form.is_valid():
        return _page(request, picture, form, 422)
    ghibli_converter.describe(picture, form.cleaned_data["alt"])
    return see_other(picture)


@require_POST
@vary_on_headers("HX-Request")
@login_required(page="picture", stays=True)
def mark_picture(request: UserRequest, pk: int, *, is_favourite: bool) -> HttpResponse:
    picture = owned(request, pk)
    ghibli_converter.mark_favourite(picture, is_favourite)
    if wants_fragment(request):
        picture.is_favourite = is_favourite
        context = {"picture": picture, "takes_focus": True}
        return render(request, "ghibli_converter/_favourite.html", context)
    if "gallery" in request.GET:
        return see_other(f"{reverse('gallery')}#card-{pk}")
    return see_other(picture)


@require_POST
@if_sharing
@login_required(page="picture", stays=True)
def share_picture(request: UserRequest, pk: int) -> HttpResponse:
    picture = owned(request, pk)
    shares.share(picture)
    return see_other(f"{picture.get_absolute_url()}#share")


@require_POST
@if_sharing
@login_required(page="picture", stays=True)
def unshare_picture(request: UserRequest, pk: int) -> HttpResponse:
    picture = owned(request, pk)
    shares.revoke(picture)
    return see_other(f"{picture.get_absolute_url()}#share")


def _page(
    request: UserRequest, picture: Picture, form: DescriptionForm | None = None, status: int = 200
) -> HttpResponse:
    if job.pictures.end_if_abandoned(picture):
        picture.refresh_from_db()
    context = picture_context(request, picture, form)
    return render(request, "ghibli_converter/picture.html", context, status=status)


def _fragment(request: UserRequest, picture: Picture) -> HttpResponse:
    picture.refresh_from_db()
    context = {**picture_context(request, picture), "takes_focus": True}
    return render(request, "ghibli_converter/_picture.html", context)


def _changed(request: UserRequest, picture: Picture) -> HttpResponse:
    return _fragment(request, picture) if wants_fragment(request) else see_other(picture)


def _another(
    request: UserRequest, picture: Picture, make: Callable[..., Picture], *, is_input: bool
) -> HttpResponse:
    """Ask, with a form, for a picture that begins with this one."""
    form_class = PictureForm.for_another(picture, is_input=is_input)
    if request.method == "POST":
        form = form_class(request.POST)
        show_page = partial(_another_page, picture, is_input)
        return submit.ask(request, form, lambda: make(picture, form.text, **form.wishes), show_page)
    words = "" if is_input else picture.words
    form = form_class(initial={"words": words, "style": picture.style_id, "key": uuid.uuid4()})
    return _another_page(picture, is_input, request, form_recovery.restore(request, form))


def _another_page(
    picture: Picture, is_input: bool, request: UserRequest, form: PictureForm, status: int = 200
) -> HttpResponse:
    context = {"picture": picture, "form": form, "is_input": is_input}
    return render(request, "ghibli_converter/another.html", context, status=status)
