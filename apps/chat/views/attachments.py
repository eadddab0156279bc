from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from apps.chat.attachments import services as attachments
from apps.chat.models import Attachment
from apps.chat.views import composer
from apps.core.decorators import login_required
from apps.core.files.storage import keep_private, send_file
from apps.core.htmx import see_other, wants_fragment
from apps.users.http import UserRequest


@require_safe
@login_required
def attachment(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send the file: a picture to be looked at, all else to be saved."""
    file: Attachment = get_object_or_404(request.user.attachments, pk=pk)
    download = not file.is_picture
    return send_file(request, str(file.file), file.content_type, file.name, download=download)


@require_safe
@login_required
def attachment_thumbnail(request: UserRequest, pk: int) -> HttpResponseBase:
    pictures = request.user.attachments.exclude(thumbnail="")
    file = get_object_or_404(pictures, pk=pk)
    return send_file(request, str(file.thumbnail), "image/webp", file.name)


@require_safe
@login_required
def attachment_text(request: UserRequest, pk: int) -> HttpResponse:
    """Show all that the model is given of a document."""
    documents = request.user.attachments.exclude(kind=Attachment.Kind.PICTURE)
    file = get_object_or_404(documents, pk=pk)
    response = HttpResponse(file.text, content_type="text/plain; charset=utf-8")
    keep_private(response)
    return response


@require_POST
@login_required(page="new_conversation", stays=True)
def remove_attachment(request: UserRequest, pk: int) -> HttpResponse:
    file = get_object_or_404(request.user.attachments.waiting(), pk=pk)
    conversation = file.conversation
    attachments.discard(request.user.attachments.waiting().filter(pk=pk))
    if wants_fragment(request):
        own = request.user.attachments.waiting().filter(conversation=conversation)
        return render(request, "chat/_waiting_files.html", {"waiting": own, "removed": file})
    composer.store_draft(request, conversation)
    return see_other(conversation or "new_conversation")
