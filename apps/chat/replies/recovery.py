"""What runs beside the requests: it saves what arrives, renews leases, ends what is abandoned."""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models.functions import Now

from apps.catalog import listing
from apps.chat.attachments import services as attachments
from apps.chat.conversations import trash
from apps.chat.models import Message, MessageQuerySet, lease
from apps.chat.replies import queue, runs, writer
from apps.chat.replies.runs import Result, Run
from apps.chat.replies.streaming import follow
from apps.chat.summaries import completions
from apps.chat.summaries import job as summarising
from apps.chat.transfers import job
from apps.chat.usage import gate, limits, records
from apps.core.db import durability
from apps.core.files.disk_space import UNSTORABLE
from apps.core.monitoring import metrics
from apps.gateway import client
from apps.ghibli_converter import recovery as pictures
from apps.jobs import engine, sweeping, thread_pool
from apps.jobs.engine import Lane
from apps.server import lifecycle
from apps.users.login import encryption, sessions

logger = logging.getLogger("parlor.replies")

State = Message.State

Chore = Callable[[], object]

SAVE_SECONDS = 1.0  # What a killed process may lose of a reply.
SWEEP_SECONDS = 5.0
LISTING_SECONDS = 30.0
TIDY_SECONDS = 3600.0
PRUNE_SECONDS = 86_400.0

_thread: threading.Thread | None = None
_thread_lock = threading.Lock()


def start() -> None:
    """Start the thread that keeps this process's replies, unless it runs."""
    global _thread
    with _thread_lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_keep, name="keeper", daemon=True)
            _thread.start()


def start_serving() -> None:
    """Start what a process that serves needs."""
    start()
    threading.Thread(target=client.warm_up, name="warm-up", daemon=True).start()


def _keep() -> None:
    done: dict[Chore, float] = {}
    while True:
        try:
            for seconds, chore in _chores():
                now = time.monotonic()
                if now - done.get(chore, -math.inf) > seconds:
                    done[chore] = now
                    _attempt(chore)
        except DatabaseError:
            logger.exception("replies could not be saved; trying again")
        close_old_connections()
        time.sleep(SAVE_SECONDS)


def _chores() -> list[tuple[float, Chore]]:
    """Return what there is to do, the most pressing first, and the seconds between two times."""
    heartbeat: float = settings.CHAT_HEARTBEAT_SECONDS
    own: list[tuple[float, Chore]] = [
        *((0.0, chore) for chore in (save, drop_waiting, _sync)),
        *((heartbeat, chore) for chore in (metrics.note_own, engine.give_sign)),
        *((heartbeat, chore) for chore in (renew_waiting, summarising.renew, pictures.renew)),
    ]
    if lifecycle.is_stopping():
        return own
    return [
        *own,
        *((SWEEP_SECONDS, chore) for chore in (sweep, job.sweep, pictures.sweep)),
        (LISTING_SECONDS, listing.keep_up),
        *((TIDY_SECONDS, chore) for chore in (trash.sweep, _sweep_attachments, pictures.tidy_soon)),
        *((PRUNE_SECONDS, chore) for chore in (records.prune, limits.prune, gate.prune)),
        *((PRUNE_SECONDS, chore) for chore in (sessions.prune, encryption.encrypt_stored)),
    ]


def _attempt(chore: Chore) -> None:
    """Let no chore keep the others from theirs, unless the database is away for all."""
    try:
        chore()
    except DatabaseError:
        raise
    except Exception:
        logger.exception("%s failed; trying again", chore.__qualname__)


def _sync() -> None:
    if not runs.ended.is_set():
        return
    runs.ended.clear()  # First: what ends meanwhile may not be in it.
    try:
        durability.sync()
    except BaseException:
        runs.ended.set()
        raise


def _sweep_attachments() -> None:
    """Have the pool do it, for it may take a while; if it is busy, it is done another time."""
    with suppress(thread_pool.QueueFull, thread_pool.PoolClosed):
        thread_pool.side_pool().submit("chores", attachments.sweep)


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
            writer.hang_up(reply_id)


def renew_waiting() -> None:
    """Renew the leases of the replies that wait for a thread of this process."""
    if ids := writer.waiting():
        Message.objects.filter(pk__in=ids, state=State.QUEUED).update(lease_until=lease())


def sweep() -> None:
    """End the replies whose writer is gone, and take those that still wait for one."""
    ours = {run.reply.pk for run in runs.running()} | set(writer.waiting())
    replies = Message.objects.select_related("conversation")
    sweeping.sweep(replies, ours, Lane.REPLIES, end_abandoned, _take)


def _take(reply: Message) -> None:
    queue.enqueue(reply.pk, reply.conversation.user_id)


def end_abandoned(replies: MessageQuerySet) -> int:
    """Mark running replies whose lease is over as interrupted; tell how many there were.

    Those that another worker may begin afresh wait for it, and count as well.
    """
    running = replies.filter(state=State.RUNNING)
    # An update would wait for whoever writes just now; a page only reads.
    pks = running.values_list("pk", flat=True)
    return sum(queue.hand_over(running, pk) or _interrupt(running, pk) for pk in pks)


def _interrupt(abandoned: MessageQuerySet, pk: int) -> bool:
    with transaction.atomic():
        ended = abandoned.filter(pk=pk).update(
            state=State.INTERRUPTED, error="restarted", finished_at=Now()
        )
        if ended:
            records.record_from_row(pk, "restarted")
            metrics.count_reply(State.INTERRUPTED, "restarted", 0.0)
            logger.warning("reply %s interrupted: its writer is gone", pk)
    return bool(ended)


def end_if_abandoned(reply: Message) -> bool:
    """Mark the reply as interrupted if its lease is over; tell whether it was."""
    if reply.picture:
        return pictures.end_if_abandoned(reply.picture)
    try:
        abandoned = Message.objects.abandoned().filter(pk=reply.pk)
        return reply.may_be_abandoned and bool(end_abandoned(abandoned))
    except UNSTORABLE:  # Its page can be read all the same.
        return False


def drain() -> None:
    """Let running replies end for some seconds, then save what the others have."""
    follow.close_all()  # Pages come back by themselves, to the next process.
    completions.hang_up()
    engine.drain(Lane.REPLIES, settings.CHAT_DRAIN_SECONDS)
    for run in runs.running():
        if not queue.hand_over(Message.objects.run_by(run.run_id), run.reply.pk):
            run.finish(Result(State.INTERRUPTED, "restarted"))
        run.call.close()
    _release(writer.waiting())
    pictures.drain()


def _release(waiting: list[int]) -> None:
    """Let another process, or the next, take what waits without awaiting the end of its lease."""
    for reply_id in waiting:
        writer.hang_up(reply_id)  # Else its lease would be renewed.
    Message.objects.filter(pk__in=waiting, state=State.QUEUED).update(lease_until=Now())
