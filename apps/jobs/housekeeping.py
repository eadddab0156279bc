"""Housekeeping: what nobody waits for, in threads of its own. It takes none from the jobs."""

from collections.abc import Callable, Hashable

from apps.jobs.registry import QueueFull
from apps.jobs.thread_pool import FairPool, PoolClosed

THREADS, QUEUE_LIMIT = 2, 256

pool = FairPool(THREADS, QUEUE_LIMIT)


def submit(task: Callable[[], object], owner: Hashable = None) -> bool:
    """Run the task soon; return whether there is room, else it has to wait for another occasion."""
    try:
        pool.submit(owner, task)
    except (QueueFull, PoolClosed):
        return False
    return True


def close() -> None:
    """Begin nothing more."""
    pool.drain(0)
