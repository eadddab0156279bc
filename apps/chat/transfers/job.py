"""What is taken away or brought along in the background, each by a row that tells how far it is.

The row is the queue, as with replies: whoever runs it owns it by a run id and renews a lease, and
one whose lease is over is marked as interrupted, to be tried again by whoever asked for it.
"""

import logging
import uuid
from contextlib import suppress
from datetime import timedelta
from functools import partial
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone, translation

from apps.chat.models import Conversation, Transfer, lease
from apps.chat.models.transfers import random_name
from apps.chat.transfers.exports import account, pdf
from apps.chat.transfers.exports.text import file_name
from apps.chat.transfers.imports import services as imports
from apps.chat.transfers.progress import GaveUp, Progress, TransferFailed
from apps.jobs import queue, registry
from apps.jobs.leases import LeasedQuerySet
from apps.jobs.registry import Lane
from apps.jobs.runner import JobKind, JobRun
from apps.users.models import User

logger = logging.getLogger("parlor.transfers")

State = Transfer.State

KEPT = timedelta(days=1)  # How long a file waits to be fetched.
DRAIN_SECONDS = 3.0


class TransferInProgress(Exception):
    """The person has one in progress already."""


def start(
    user: User,
    kind: Transfer.Kind,
    conversation: Conversation | None = None,
    file: "File[bytes] | None" = None,
) -> Transfer:
    """Begin to export or to import in the background. Raise TransferInProgress."""
    language = translation.get_language()
    transfer = Transfer(user=user, kind=kind, conversation=conversation, language=language)
    transfer.lease_until = lease()
    if file is not None:  # Before the transaction: others want to write, too.
        transfer.name = (file.name or "")[-255:]
        transfer.file.save(transfer.name, file, save=False)
    try:
        with transaction.atomic():
            transfer.save()
            transaction.on_commit(partial(transfers.enqueue, transfer.pk, transfer.user_id))
    except IntegrityError as error:
        _remove(transfer.file.name)
        raise TransferInProgress from error
    return transfer


def try_again(transfer: Transfer) -> None:
    """Begin anew with one that did not come to its end. Raise TransferInProgress."""
    rows = Transfer.objects.filter(pk=transfer.pk).exclude(state=State.DONE)
    fields = {"error": "", "done": 0, "total": 0, "report": [], "run_id": None}
    try:
        with transaction.atomic():
            rows.update(state=State.QUEUED, lease_until=lease(), finished_at=None, **fields)
            transaction.on_commit(partial(transfers.enqueue, transfer.pk, transfer.user_id))
    except IntegrityError as error:
        raise TransferInProgress from error


def stop(transfer: Transfer) -> None:
    _end(Transfer.objects.in_progress().filter(pk=transfer.pk), State.STOPPED)


def remove_due() -> None:
    """Remove the transfers whose files have waited long enough."""
    for transfer in Transfer.objects.filter(finished_at__lt=timezone.now() - KEPT):
        transfer.delete()
        _remove(transfer.file.name)


def remove_orphans() -> None:
    """Remove the files whose row is gone, with the account that it belonged to."""
    with suppress(FileNotFoundError):
        for name in default_storage.listdir("transfers")[1]:
            path = f"transfers/{name}"
            is_old = default_storage.get_modified_time(path) < timezone.now() - KEPT
            if is_old and not Transfer.objects.filter(file=path).exists():
                _remove(path)


def drain() -> None:
    """Let those that run notice that the server stops; they can be tried again."""
    queue.current().drain(Lane.TRANSFERS, DRAIN_SECONDS)
    transfers.end_runs()


@registry.task("apps.chat.transfers.run")
def run(pk: int) -> None:
    """Do what the transfer asks for, unless it was stopped or another process has it."""
    if (claimed := transfers.claim(pk, partial(_take, pk))) is None:
        return
    row = Transfer.objects.run_by(claimed.run_id)
    try:
        _run(row.select_related("user", "conversation").get(), row)
    finally:
        transfers.forget(pk, claimed)  # First: where the database is away, its lease has to end.
        _end(row, State.FAILED, error="broken")  # If it still runs: every other end is written.


def _take(pk: int, run_id: uuid.UUID) -> JobRun | None:
    queued = Transfer.objects.filter(pk=pk, state=State.QUEUED)
    taken = queued.update(state=State.RUNNING, run_id=run_id, lease_until=lease())
    return JobRun(run_id) if taken else None


def _run(transfer: Transfer, row: LeasedQuerySet[Transfer]) -> None:
    progress = Progress(row)
    zone = transfer.user.time_zone or settings.TIME_ZONE
    try:
        with translation.override(transfer.language), timezone.override(zone):
            ending = _perform(transfer, progress)
    except GaveUp:
        _end(row, State.INTERRUPTED, report=progress.notes)
    except TransferFailed as failure:
        _end(row, State.FAILED, error=failure.code, report=progress.notes)
    else:
        if not _end(row, State.DONE, report=progress.notes, **ending):
            _remove(ending["file"])
        logger.info("transfer %s done", transfer.pk)


def _perform(transfer: Transfer, progress: Progress) -> dict[str, Any]:
    """Do the work; return what its row is to say in the end."""
    if transfer.kind == Transfer.Kind.IMPORT:
        imports.import_file(transfer.user, transfer.file, progress)
        _remove(transfer.file.name)
        return {"file": ""}
    with TemporaryFile() as made:
        if transfer.kind == Transfer.Kind.ACCOUNT:
            account.write_archive(transfer.user, made, progress)
            name = account.archive_name(transfer.user)
        else:
            name = _write_pdf(transfer.conversation, made, progress)
        path = default_storage.save(random_name(transfer, name), File(made))
    return {"file": path, "name": name}


def _write_pdf(conversation: Conversation | None, made: IO[bytes], progress: Progress) -> str:
    if conversation is None:
        raise TransferFailed("gone")
    try:
        pdf.write_pdf(conversation, made, progress)
    except pdf.PdfUnavailable as error:
        raise TransferFailed("pango") from error
    return file_name(conversation.title, "pdf")


def _end(rows: LeasedQuerySet[Transfer], state: Transfer.State, **fields: Any) -> int:
    return rows.update(state=state, finished_at=Now(), **fields)


def _remove(name: str | None) -> None:
    if name:
        default_storage.delete(name)


def _interrupt(claimed: JobRun) -> None:
    _end(Transfer.objects.run_by(claimed.run_id), State.INTERRUPTED)


transfers = JobKind[JobRun](
    "transfer",
    Lane.TRANSFERS,
    rows=Transfer.objects.all,
    owner_id=attrgetter("user_id"),
    task=run,
    interrupt=_interrupt,
)
