"""Figures that each process knows by itself: its streams, its database."""

import time
from collections.abc import Iterator

from django.db import DatabaseError, connection

from apps.core.monitoring import metrics
from apps.server import stream_limits

Values = Iterator[tuple[tuple[str, ...], float]]


def register() -> None:
    metrics.of_process("parlor_open_streams", "Pages that follow a reply.", (), _streams)
    metrics.of_process(
        "parlor_database_connections", "Connections of the pools.", ("state",), _connections
    )
    metrics.on_scrape("parlor_database_up", "Whether the database answers.", (), _database_up)
    metrics.on_scrape(
        "parlor_database_seconds", "For a query that reads nothing.", (), _database_seconds
    )


def _streams() -> Values:
    yield (), stream_limits.count()


def _connections() -> Values:
    if pool := getattr(connection, "pool", None):
        stats = pool.get_stats()
        yield ("open",), stats.get("pool_size", 0)
        yield ("free",), stats.get("pool_available", 0)
        yield ("awaited",), stats.get("requests_waiting", 0)


def _database_up() -> Values:
    yield (), float(_query_seconds() is not None)


def _database_seconds() -> Values:
    if (seconds := _query_seconds()) is not None:
        yield (), seconds


def _query_seconds() -> float | None:
    started = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return None
    return time.perf_counter() - started
