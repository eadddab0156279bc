"""Jobs on rows: who waits in the queue, who runs, by a lease that is renewed, and how each ends.

A row is `queued`, then `running` by one run of one process, then final; every write of a run is
conditional on its id. What happens on a bad day:

| kind     | queue is full    | process is gone           | process stops          | is stopped    |
|----------|------------------|---------------------------|------------------------|---------------|
| reply    | ends: `busy`     | interrupted, text kept(1) | as if it were gone(2)  | text kept     |
| picture  | ends: `busy`     | interrupted, call booked  | as if it were gone(2)  | call booked   |
| transfer | waits in its row | interrupted               | interrupted, after 3 s | its file goes |
| summary  | fails: `busy`    | fails: `restarted`        | fails: `restarted`     | (never)       |

(1) Where workers share a queue, another begins it afresh, once. (2) After CHAT_DRAIN_SECONDS.
What waits in the queue of a process that stops is released: the next one takes it at once, and if
the process was killed, as soon as its lease is over. Replies and summaries have modules of their
own for this (chat/replies/recovery, chat/summaries/job); replies share recover().
"""

import logging
import uuid
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models.functions import Now

from apps.core.files.disk_space import UNSTORABLE
from apps.jobs import queue, scheduler
from apps.jobs.leases import Leased, LeasedQuerySet, lease
from apps.jobs.registry import Job, Lane, QueueFull, Task, Unavailable

Rows = TypeVar("Rows", bound=LeasedQuerySet[Any])

RECOVER_SECONDS = 5.0  # Between two looks for what another process has left behind.


class JobRun:
    """What this process does for one row."""

    def __init__(self, run_id: uuid.UUID) -> None:
        self.run_id = run_id
        self.is_claimed = False  # Once the row says so to all.

    def retry_end(self) -> None:
        """Write the end that the database could not take before, if there is one."""

    def cancel(self) -> None:
        """End soon: the row is not this run's any more."""


R = TypeVar("R", bound=JobRun)


@dataclass(eq=False)
class JobKind(Generic[R]):
    """A kind of row on which processes work, one at a time, and what this process has of them."""

    name: str
    lane: Lane
    rows: Callable[[], LeasedQuerySet[Any]]
    owner_id: Callable[[Any], int]
    task: Task  # It takes the id of a row.
    interrupt: Callable[[R], object]  # Ends a run when the time of the process is over.
    interrupted: dict[str, Any] = field(default_factory=dict)  # Fields of a row whose process died.
    on_interrupt: Callable[[int], object] | None = None  # In the transaction that writes them.
    end_busy: Callable[[int], object] | None = None  # Without it a row waits for room.
    runs: dict[int, R] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)  # For a thread of this process.

    def __post_init__(self) -> None:
        scheduler.every(scheduler.heartbeat, self.renew, while_stopping=True)
        scheduler.every(RECOVER_SECONDS, self.recover)

    def enqueue(self, pk: int, owner_id: int) -> None:
        """Queue the row, if it does not wait here already."""
        if pk in self.waiting:
            return
        jobs = queue.current()
        if jobs.is_local:
            self.waiting.add(pk)
        ahead = partial(self._ahead_of, pk) if self.end_busy else None
        try:
            jobs.submit(Job(self.lane, owner_id, self.task, (pk,), ahead=ahead))
        except (QueueFull, Unavailable) as error:
            self.waiting.discard(pk)
            if self.end_busy and isinstance(error, QueueFull):
                self.end_busy(pk)
            else:  # The next look at what is left behind, or process, takes it.
                self._release([pk])

    def claim(self, pk: int, take: Callable[[uuid.UUID], R | None]) -> R | None:
        """Begin the run that `take` returns, in the transaction in which it takes the row.

        It is known here before that is committed: whoever sees that the row is running, to stop
        it, finds who runs it.
        """
        run = None
        try:
            with transaction.atomic():
                if run := take(uuid.uuid4()):
                    self.runs[pk] = run
        except BaseException:
            self.forget(pk, run)
            raise
        finally:
            self.waiting.discard(pk)
        if run:
            run.is_claimed = True
        return run

    def forget(self, pk: int, run: R | None) -> None:
        """Note that the run has ended."""
        if run and self.runs.get(pk) is run:
            del self.runs[pk]

    def renew(self) -> None:
        """Renew the leases of this process; cancel the runs whose row is not theirs any more."""
        for run in list(self.runs.values()):
            run.retry_end()
        if waiting := list(self.waiting):
            self._queued(waiting).update(lease_until=lease())
        runs = {run.run_id: run for run in list(self.runs.values()) if run.is_claimed}
        if not runs:
            return
        owned = self.rows().filter(run_id__in=runs, state="running")
        owned.update(lease_until=lease())
        for run_id in runs.keys() - set(owned.values_list("run_id", flat=True)):
            runs[run_id].cancel()

    def recover(self) -> None:
        """End the rows whose process is gone, and take those that still wait for one."""
        ours = self.runs.keys() | self.waiting
        recover(self.rows(), ours, self.lane, self.end_abandoned, self._take)

    def end_abandoned(self, rows: LeasedQuerySet[Any]) -> int:
        """Mark running rows whose lease is over as interrupted; return how many there were."""
        running = rows.filter(state="running")
        # An update would wait for whoever writes just now; a page only reads.
        return sum(self._end(running, pk) for pk in running.values_list("pk", flat=True))

    def end_if_abandoned(self, row: Leased) -> bool:
        """Mark the row as interrupted if its lease is over; return whether it was."""
        try:
            abandoned = self.rows().abandoned().filter(pk=row.pk)
            return row.may_be_abandoned and bool(self.end_abandoned(abandoned))
        except UNSTORABLE:  # Its page can be read all the same.
            return False

    def end_runs(self) -> None:
        """End what still runs here when the queue has been drained, and release what waits."""
        for run in list(self.runs.values()):
            self.interrupt(run)
        waiting = list(self.waiting)
        self.waiting.clear()  # Else the leases would be renewed.
        self._release(waiting)

    def _take(self, row: Any) -> None:
        self.enqueue(row.pk, self.owner_id(row))

    def _ahead_of(self, pk: int) -> int:
        return self.rows().in_progress().filter(state="queued", pk__lt=pk).count()

    def _queued(self, pks: Iterable[int]) -> LeasedQuerySet[Any]:
        return self.rows().filter(pk__in=pks, state="queued")

    def _release(self, pks: list[int]) -> None:
        if pks:
            self._queued(pks).update(lease_until=Now())

    def _end(self, running: LeasedQuerySet[Any], pk: int) -> int:
        with transaction.atomic():
            fields = {"state": "interrupted", "finished_at": Now(), **self.interrupted}
            ended = running.filter(pk=pk).update(**fields)
            if ended and self.on_interrupt:
                self.on_interrupt(pk)
        if ended:
            logger = logging.getLogger(f"parlor.{self.name}s")
            logger.warning("%s %s interrupted: its process is gone", self.name, pk)
        return ended


def recover(
    rows: Rows,
    ours: Container[int],
    lane: Lane,
    end: Callable[[Rows], int],
    take: Callable[[Any], None],
) -> None:
    """End the rows whose process is gone, and take those that still wait for one.

    `ours` are the ids of those that this process runs, or has in its queue. `end` gets one of the
    others, and returns whether it was running and is over now; `take` gets one that waits.
    """
    for row in rows.abandoned():
        if row.pk in ours:
            continue  # The clock has jumped, or the database was away.
        abandoned = rows.abandoned().filter(pk=row.pk)
        if end(abandoned) or queue.current().has_waiting(lane):
            continue  # It is over, or all workers are busy.
        if abandoned.filter(state="queued").update(lease_until=lease()):
            take(row)
