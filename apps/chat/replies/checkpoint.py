"""Checkpoints: running replies are saved as far as they have come, and their leases renewed."""

from typing import Any

from django.db import connection, transaction

from apps.chat.models import Message, lease
from apps.chat.replies import runs, writer
from apps.chat.replies.runs import Run
from apps.core.db import durability

State = Message.State


def save() -> None:
    """Save what has arrived of all running replies, and renew their leases.

    All at once: hundreds must not wait for the disk hundreds of times. A reply whose row is no
    longer ours is hung up on.
    """
    for run in runs.running():
        if run.result and run.is_unwritten:  # The database was away when it ended.
            run.finish(run.result)
    ours = {run.run_id: run for run in runs.running() if run.is_claimed}
    if not ours:
        return
    received = {run: run.received() for run in ours.values()}
    with transaction.atomic():
        rows = Message.objects.filter(run_id__in=ours, state=State.RUNNING)
        rows.update(lease_until=lease())  # It locks the rows, too.
        owned = {ours[run_id] for run_id in rows.values_list("run_id", flat=True) if run_id}
        _write({run: received[run] for run in owned if run.is_ahead(received[run])})
    for run in ours.values():
        if run in owned:
            run.note_saved(received[run])
        elif not run.result:  # Else it has just ended by itself.
            run.call.close()


def _write(texts: dict[Run, dict[str, Any]]) -> None:
    """Write the texts in one statement, for which the ORM has no form without reading rows."""
    rows = [
        (
            text["content"],
            text["reasoning"],
            text["recalls"],
            run.reply.model,
            run.reply.pk,
            State.RUNNING,
        )
        for run, text in texts.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_message SET content = %s, reasoning = %s, recalls = %s, model = %s"
            " WHERE id = %s AND state = %s",
            rows,
        )


def drop_waiting() -> None:
    """Let go of the replies in our queue that have been stopped, or deleted, elsewhere."""
    if ids := set(writer.waiting()):
        there = Message.objects.in_progress().filter(pk__in=ids).values_list("pk", flat=True)
        for reply_id in ids.difference(there):
            writer.cancel(reply_id)


def renew_waiting() -> None:
    """Renew the leases of the replies that wait for a thread of this process."""
    if ids := writer.waiting():
        Message.objects.filter(pk__in=ids, state=State.QUEUED).update(lease_until=lease())


def sync() -> None:
    """Bring what has ended to the disk, all in one."""
    if not runs.ended.is_set():
        return
    runs.ended.clear()  # First: what ends meanwhile may not be in it.
    try:
        durability.sync()
    except BaseException:
        runs.ended.set()
        raise
