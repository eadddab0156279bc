"""What becomes of the rows whose process is gone."""

from collections.abc import Callable, Container
from typing import Any, TypeVar

from apps.jobs import queue
from apps.jobs.leases import LeasedQuerySet, lease
from apps.jobs.registry import Lane

SECONDS = 5.0  # Between two looks.

Rows = TypeVar("Rows", bound=LeasedQuerySet[Any])


def sweep(
    rows: Rows,
    ours: Container[int],
    lane: Lane,
    end: Callable[[Rows], int],
    take: Callable[[Any], None],
) -> None:
    """End the rows whose process is gone, and take those that still wait for one.

    `ours` are the ids of those that this process runs, or has in its queue. `end` gets one of the
    others, and tells whether it was running and is over now; `take` gets one that waits.
    """
    for row in rows.abandoned():
        if row.pk in ours:
            continue  # The clock has jumped, or the database was away.
        abandoned = rows.abandoned().filter(pk=row.pk)
        if end(abandoned) or queue.current().has_waiting(lane):
            continue  # It is over, or all workers are busy.
        if abandoned.filter(state="queued").update(lease_until=lease()):
            take(row)
