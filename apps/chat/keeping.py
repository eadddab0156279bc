"""What runs beside the requests: it saves what arrives, renews leases, ends what is abandoned."""

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.chat import generation, streams
from apps.chat.generation import Result
from apps.chat.models import Message, MessageQuerySet, lease
from apps.core import background, lifecycle, openai_gateway

logger = logging.getLogger("parlor.replies")

State = Message.State

SAVE_SECONDS = 1.0  # What a killed process may lose of a reply.
SWEEP_SECONDS = 5.0

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
    threading.Thread(target=openai_gateway.warm_up, name="warm-up", daemon=True).start()


def _keep() -> None:
    renewed = swept = 0.0
    while True:
        now = time.monotonic()
        try:
            save()
            if now - renewed >= settings.CHAT_HEARTBEAT_SECONDS:
                renewed = now
                renew_waiting()
            if now - swept >= SWEEP_SECONDS and not lifecycle.is_stopping():
                swept = now
                sweep()
        except DatabaseError:
            logger.exception("replies could not be saved; trying again")
        close_old_connections()
        time.sleep(SAVE_SECONDS)


def save() -> None:
    """Save all running replies at once: hundreds must not wait for the disk hundreds of times."""
    for run in generation.running():
        if run.result:  # The database was away when it ended.
            run.finish(run.result)
    if runs := generation.running():
        with transaction.atomic():
            sizes = [run.save() for run in runs]
        for run, size in zip(runs, sizes, strict=True):
            run.saved = size


def renew_waiting() -> None:
    """Renew the leases of the replies that wait for a thread of this process."""
    if ids := generation.waiting():
        Message.objects.filter(pk__in=ids, state=State.QUEUED).update(lease_until=lease())


def sweep() -> None:
    """End the replies whose writer is gone, and take those that still wait for one."""
    ours = {run.reply.pk for run in generation.running()} | set(generation.waiting())
    for reply in Message.objects.abandoned().select_related("conversation"):
        if reply.pk in ours:
            continue  # The clock has jumped, or the database was away.
        abandoned = Message.objects.abandoned().filter(pk=reply.pk)
        if end_abandoned(abandoned):
            logger.warning("reply %s interrupted: its writer is gone", reply.pk)
        elif abandoned.filter(state=State.QUEUED).update(lease_until=lease()):
            generation.enqueue(reply.pk, reply.conversation.user_id)


def end_abandoned(replies: MessageQuerySet) -> int:
    """Mark running replies whose lease is over as interrupted; tell how many there were."""
    running = replies.filter(state=State.RUNNING)
    if not running.exists():
        return 0  # An update would wait for whoever writes just now; a page only reads.
    return running.update(state=State.INTERRUPTED, error="restarted", finished_at=Now())


def end_if_abandoned(reply: Message) -> bool:
    """Mark the reply as interrupted if its lease is over; tell whether it was."""
    if reply.lease_until is None or reply.lease_until > timezone.now():
        return False  # A page that only reads must not wait for those that write.
    return bool(end_abandoned(Message.objects.abandoned().filter(pk=reply.pk)))


def drain() -> None:
    """Let running replies end for some seconds, then save what the others have."""
    streams.close_all()  # Pages come back by themselves, to the next process.
    background.pool().drain(settings.CHAT_DRAIN_SECONDS)
    for run in generation.running():
        run.finish(Result(State.INTERRUPTED, "restarted"))
        run.call.close()
