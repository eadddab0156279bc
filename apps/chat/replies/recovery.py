"""Recovery of replies: end those whose writer is gone, take those that wait, drain at the end."""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from apps.chat.models import Message, MessageQuerySet
from apps.chat.replies import queue, runs, writer
from apps.chat.replies.results import Result
from apps.chat.usage import records
from apps.core.files.disk_space import UNSTORABLE
from apps.core.monitoring import metrics
from apps.ghibli_converter import job
from apps.jobs import queue as jobs
from apps.jobs import runner
from apps.jobs.registry import Lane

logger = logging.getLogger("parlor.replies")

State = Message.State


def sweep() -> None:
    """End the replies whose writer is gone, and take those that still wait for one."""
    ours = {run.reply.pk for run in runs.running()} | set(writer.waiting())
    replies = Message.objects.select_related("conversation")
    runner.recover(replies, ours, Lane.REPLIES, end_abandoned, _take)


def _take(reply: Message) -> None:
    queue.enqueue(reply.pk, reply.conversation.user_id)


def end_abandoned(replies: MessageQuerySet) -> int:
    """Mark running replies whose lease is over as interrupted; return how many there were.

    Those that another worker may begin afresh wait for it, and count as well.
    """
    running = replies.filter(state=State.RUNNING)
    # An update would wait for whoever writes just now; a page only reads.
    pks = running.values_list("pk", flat=True)
    return sum(queue.requeue(running, pk) or _interrupt(running, pk) for pk in pks)


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
    """Mark the reply as interrupted if its lease is over; return whether it was."""
    if reply.picture:
        return job.pictures.end_if_abandoned(reply.picture)
    try:
        abandoned = Message.objects.abandoned().filter(pk=reply.pk)
        return reply.may_be_abandoned and bool(end_abandoned(abandoned))
    except UNSTORABLE:  # Its page can be read all the same.
        return False


def drain() -> None:
    """Let running replies end for some seconds, then save what the others have."""
    jobs.current().drain(Lane.REPLIES, settings.CHAT_DRAIN_SECONDS)
    for run in runs.running():
        if not queue.requeue(Message.objects.run_by(run.run_id), run.reply.pk):
            run.finish(Result(State.INTERRUPTED, "restarted"))
        run.call.close()
    for reply_id in (waiting := writer.waiting()):
        writer.cancel(reply_id)  # Else its lease would be renewed.
    queue.release(waiting)
    job.pictures.end_runs()
