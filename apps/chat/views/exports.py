from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from apps.chat.models import Conversation, Message, Transfer
from apps.chat.transfers.exports import json, pdf, text
from apps.chat.views.transfers import begin
from apps.core.decorators import login_required
from apps.core.files.downloads import send_pieces
from apps.server.admission.view_needs import slow
from apps.users.http import UserRequest

PLAIN_TEXT = "text/plain; charset=utf-8"


@require_safe
@login_required
def export_text(request: UserRequest, pk: int) -> HttpResponseBase:
    return _export(request, pk, text.text_pieces, "txt", PLAIN_TEXT)


@require_safe
@login_required
def export_markdown(request: UserRequest, pk: int) -> HttpResponseBase:
    return _export(request, pk, text.markdown_pieces, "md", "text/markdown; charset=utf-8")


@require_safe
@login_required
def export_json(request: UserRequest, pk: int) -> HttpResponseBase:
    return _export(request, pk, json.json_pieces, "json", "application/json")


def _export(
    request: UserRequest,
    pk: int,
    pieces: Callable[[Conversation], Iterator[str]],
    ending: str,
    content_type: str,
) -> HttpResponseBase:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    name = text.file_name(conversation.title, ending)
    return send_pieces(pieces(conversation), name, content_type)


@slow
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def export_pdf(request: UserRequest, pk: int) -> HttpResponseBase:
    """Answer with the PDF; one that takes long is made in the background, after a POST."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    context: dict[str, Any] = {"conversation": conversation}
    if request.method == "POST":
        return begin(request, Transfer.Kind.PDF, conversation=conversation)
    if pdf.is_long(conversation):
        return render(request, "chat/export_pdf.html", context)
    with TemporaryFile() as file:
        try:
            pdf.write_pdf(conversation, file, note=lambda done, total: None)
        except (pdf.PdfUnavailable, pdf.PdfFailed) as error:
            context["is_broken"] = isinstance(error, pdf.PdfFailed)
            return render(request, "chat/pdf_unavailable.html", context, status=503)
        file.seek(0)
        response = HttpResponse(file.read(), content_type="application/pdf")
    name = text.file_name(conversation.title, "pdf")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_safe
@login_required
def message_text(request: UserRequest, pk: int) -> HttpResponse:
    """Answer with the words of the message as they are stored, to copy or to save."""
    message = get_object_or_404(Message.objects.owned_by(request.user), pk=pk)
    return HttpResponse(message.content, content_type=PLAIN_TEXT)
