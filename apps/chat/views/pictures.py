"""From the chat to the gallery, and back."""

import uuid
from functools import partial
from io import BytesIO

from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from apps.chat.attachments import uploads
from apps.chat.models import Attachment
from apps.core import form_recovery
from apps.core.decorators import login_required
from apps.core.files import storage
from apps.core.htmx import see_other
from apps.core.text import clean_name
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.forms import PictureForm
from apps.ghibli_converter.images import sanitizer
from apps.ghibli_converter.models import Picture
from apps.ghibli_converter.views import submit
from apps.users.http import UserRequest


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required
def convert_attachment(request: UserRequest, pk: int) -> HttpResponse:
    """Ask, with a form, how a picture that was attached to a message is to be drawn anew."""
    attached = request.user.attachments.filter(kind=Attachment.Kind.PICTURE)
    attachment: Attachment = get_object_or_404(attached, pk=pk)
    show_page = partial(_convert_page, attachment)
    if request.method == "POST":
        form = PictureForm(request.POST)
        return submit.ask(request, form, lambda: _convert(request, attachment, form), show_page)
    form = PictureForm(initial={"key": uuid.uuid4()})
    return show_page(request, form_recovery.restore(request, form))


def _convert(request: UserRequest, attachment: Attachment, form: PictureForm) -> Picture:
    try:
        photo = BytesIO(storage.read(str(attachment.file)))
    except FileNotFoundError as error:
        raise sanitizer.PictureRefused(
            gettext("The photo to convert is no longer there.")
        ) from error
    most = sanitizer.MADE_BYTES  # It is small enough for a message, and was encoded anew since.
    return ghibli_converter.convert(
        request.user, photo, attachment.name, form.text, most_bytes=most, **form.wishes
    )


def _convert_page(
    attachment: Attachment, request: UserRequest, form: PictureForm, status: int = 200
) -> HttpResponse:
    context = {"attachment": attachment, "form": form}
    return render(request, "chat/convert_attachment.html", context, status=status)


@require_POST
@login_required(page="picture", stays=True)
def talk_about_picture(request: UserRequest, pk: int) -> HttpResponse:
    """Attach a picture of the gallery to what is asked next, in a new chat."""
    picture = get_object_or_404(request.user.pictures.all(), pk=pk)
    if not picture.is_done:
        raise Http404
    waiting = list(request.user.attachments.unplaced().values_list("pk", flat=True))
    for refusal in _attach(request, picture, waiting).refusals:
        messages.error(request, refusal)
    return see_other("new_conversation")


def _attach(request: UserRequest, picture: Picture, waiting: list[int]) -> uploads.Kept:
    try:
        data = storage.read(str(picture.result))
    except FileNotFoundError:
        return uploads.Kept(waiting, refusals=[gettext("The picture is no longer there.")])
    name = clean_name(picture.title, 60).rstrip(".…")
    upload = SimpleUploadedFile(f"{name}.png", data, "image/png")
    return uploads.keep(request.user, None, [upload], waiting)
