"""Whose reply is written next, and by whom: threads of this process, or whichever worker is free.

Where all processes share a queue, what waits in it are turns: a worker that gets one looks in the
rows who has waited longest among those for whom the fewest replies are being written. So turns are
fair between people, however many workers there are, and one too many, or one that came twice,
does no harm.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Now, Substr

from apps.chat.attachments.services import discard
from apps.chat.models import Attachment, Message, MessageQuerySet, lease
from apps.chat.replies import runs, writer
from apps.chat.usage import records
from apps.jobs import queue, registry
from apps.jobs.registry import Job, Lane, QueueFull, Unavailable

logger = logging.getLogger("parlor.replies")

State = Message.State

MOST_ATTEMPTS = 2  # By themselves: each costs.


def enqueue(reply_id: int, owner_id: int) -> None:
    """Queue the reply; where the queue is full it ends at once as `busy`."""
    jobs = queue.current()
    if jobs.is_local:
        writer.note_queued(reply_id)
    ahead = partial(writer.ahead_of, reply_id)
    job = Job(Lane.REPLIES, owner_id, writer.generate_reply, (reply_id,), write_next, ahead)
    try:
        jobs.submit(job)
    except QueueFull:
        writer.drop_queued(reply_id)
        writer.end_busy(reply_id)
    except Unavailable:
        writer.drop_queued(reply_id)
        release([reply_id])


def release(reply_ids: list[int]) -> None:
    """Let another process, or the next, take what waits without awaiting the end of its lease."""
    Message.objects.filter(pk__in=reply_ids, state=State.QUEUED).update(lease_until=Now())


def in_progress() -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield how many replies wait for their turn, and how many are being written, in all."""
    states = Message.objects.in_progress().order_by().values_list("state")
    counts = dict(states.annotate(Count("pk")))
    yield from (((state,), counts.get(state, 0)) for state in (State.QUEUED, State.RUNNING))


@registry.task("apps.chat.turns.write_next")
def write_next() -> None:
    """Write the reply whose turn it is."""
    while reply_id := _next():
        if writer.generate_reply(reply_id):
            return


def _next() -> int | None:
    """Return a reply of whoever has the fewest running, and whose last turn is longest ago.

    Turns count from the moment on since which somebody waits.
    """
    in_progress = Message.objects.in_progress().filter(picture=None).order_by("pk")
    rows = list(in_progress.values_list("pk", "state", "conversation__user_id", "timestamp"))
    running = Counter(user_id for _, state, user_id, _ in rows if state == State.RUNNING)
    ours = {run.reply.pk for run in runs.running()}  # One that was taken from us ends first.
    waiting = [row for row in rows if row[1] == State.QUEUED and row[0] not in ours]
    if not waiting:
        return None
    last_turns = records.last_calls(since=min(asked_at for *_, asked_at in waiting))

    def rank(row: tuple[int, str, int, datetime]) -> tuple[int, float, int]:
        pk, _, user_id, _ = row
        return running[user_id], last_turns.get(user_id, 0.0), pk

    return min(waiting, key=rank)[0]


def requeue(replies: MessageQuerySet, pk: int) -> bool:
    """Have another worker write the reply, from its start; return whether it may.

    What its writer, which is gone, has used is booked.
    """
    taken = uuid.uuid4()  # Whoever held the row is too late from now on.
    rows = Message.objects.filter(run_id=taken)
    first = replies.filter(pk=pk, state=State.RUNNING, attempts__lt=MOST_ATTEMPTS)
    with transaction.atomic():
        if not queue.current().restarts or not first.update(run_id=taken):
            return False
        records.record_from_row(pk, "restarted")
        owner_id = rows.values_list("conversation__user_id", flat=True).get()
        rows.update(
            state=State.QUEUED,
            attempts=F("attempts") + 1,
            content=Substr("content", 1, F("begun")),  # type: ignore[arg-type]
            reasoning="",
            completion_tokens=None,
            lease_until=lease(),
            run_id=None,
        )
        # Its pictures come again; where it goes on from another reply, they are that one's, too.
        discard(Attachment.objects.filter(message=pk, message__begun=0))
        transaction.on_commit(partial(enqueue, pk, owner_id))
    logger.warning("reply %s is begun afresh: its writer is gone", pk)
    return True
