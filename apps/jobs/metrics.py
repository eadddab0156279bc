"""Gauges of the thread pools."""

from collections.abc import Iterator

from apps.core.monitoring import metrics
from apps.jobs import housekeeping, thread_pool


def register() -> None:
    metrics.of_process(
        "parlor_pool_jobs", "Jobs in the pool of threads.", ("pool", "state"), _loads
    )


def _loads() -> Iterator[tuple[tuple[str, ...], float]]:
    pools = {
        "replies": thread_pool.pool(),
        "chores": thread_pool.side_pool(),
        "transfers": thread_pool.transfer_pool(),
        "housekeeping": housekeeping.pool,
    }
    for name, pool in pools.items():
        running, waiting = pool.load
        yield (name, "running"), running
        yield (name, "waiting"), waiting
