from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.chat.forms.transfers import ImportForm
from apps.chat.models import Conversation, Transfer
from apps.chat.transfers import job, messages
from apps.core.decorators import login_required
from apps.core.files.downloads import send_file
from apps.core.htmx import render_page, see_other
from apps.server.admission.view_needs import takes_import, urgent
from apps.users.http import UserRequest

CONTENT_TYPES = {"pdf": "application/pdf", "account": "application/zip"}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def export_account(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        return begin(request, Transfer.Kind.ACCOUNT)
    context = {"newest": _newest(request, Transfer.Kind.ACCOUNT)}
    return render(request, "chat/export_account.html", context)


@takes_import
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_conversations(request: UserRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_valid():
        return begin(request, Transfer.Kind.IMPORT, file=form.cleaned_data["file"])
    context = {"form": form, "newest": _newest(request, Transfer.Kind.IMPORT)}
    status = 422 if form.errors else 200
    return render(request, "chat/import_conversations.html", context, status=status)


def begin(
    request: UserRequest,
    kind: Transfer.Kind,
    conversation: Conversation | None = None,
    file: "File[bytes] | None" = None,
) -> HttpResponse:
    """Start it, and go to the page that tells how far it is."""
    try:
        return see_other(job.start(request.user, kind, conversation, file))
    except job.TransferInProgress:
        return _not_now(request)


@never_cache  # In Lynx a link to the page that is open shows it as it was.
@require_safe
@login_required
def transfer(request: UserRequest, pk: int) -> HttpResponse:
    transfer = get_object_or_404(request.user.transfers, pk=pk)
    context = {
        "transfer": transfer,
        "error": messages.error_sentence(transfer),
        "results": messages.results(transfer),
        "skipped_parts": list(messages.oddities(transfer)),
        "has_file": _has_file(transfer),
        "size": _size(transfer),
    }
    return render_page(request, "chat/transfer.html", "chat/_transfer.html", context)


@require_safe
@login_required
def transfer_file(request: UserRequest, pk: int) -> HttpResponseBase:
    transfer = get_object_or_404(request.user.transfers, pk=pk)
    if not _has_file(transfer):
        raise Http404
    try:
        file = default_storage.open(str(transfer.file.name))
    except FileNotFoundError as error:
        raise Http404 from error
    return send_file(file, transfer.name, CONTENT_TYPES[transfer.kind])


@require_POST
@login_required(page="transfer", stays=True)
def retry_transfer(request: UserRequest, pk: int) -> HttpResponse:
    transfer = get_object_or_404(request.user.transfers, pk=pk)
    try:
        job.try_again(transfer)
    except job.TransferInProgress:
        return _not_now(request)
    return see_other(transfer)


@urgent
@require_POST
@login_required(page="transfer", stays=True)
def stop_transfer(request: UserRequest, pk: int) -> HttpResponse:
    transfer = get_object_or_404(request.user.transfers, pk=pk)
    job.stop(transfer)
    return see_other(transfer)


def _newest(request: UserRequest, kind: Transfer.Kind) -> Transfer | None:
    return request.user.transfers.filter(kind=kind).first()


def _has_file(transfer: Transfer) -> bool:
    """Return whether there is a file to be fetched."""
    is_made = transfer.state == Transfer.State.DONE and not transfer.is_import
    kept_from = timezone.now() - job.KEPT
    return bool(is_made and transfer.file and (transfer.finished_at or kept_from) > kept_from)


def _size(transfer: Transfer) -> int | None:
    """Return the bytes of its file, None if there is none, or it is gone from the disk."""
    try:
        return transfer.file.size if transfer.file else None
    except FileNotFoundError:
        return None


def _not_now(request: UserRequest) -> HttpResponse:
    running = request.user.transfers.in_progress().first()
    context: dict[str, Any] = {
        "reason": gettext("Another export or import of yours is still in progress."),
        "back": running.get_absolute_url() if running else request.path,
        "back_words": gettext("Show it"),
    }
    return render(request, "chat/user_error.html", context, status=409)
