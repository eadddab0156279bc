"""When what was committed has to be on the disk.

What a person sent must be there before the answer. What a thread writes may wait for the next
sync: on SQLite each commit else waits for the disk, one after the other, and hundreds of replies
that end together wait for minutes. PostgreSQL lets them wait together by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connection, connections

from apps.core.db.sqlite.base import DatabaseWrapper


@contextmanager
def synced_later() -> Iterator[None]:
    """Let what this thread commits within reach the disk with the next sync."""
    _set_sync_later(True)
    try:
        yield
    finally:
        _set_sync_later(False)


def sync() -> None:
    """Wait until all that this machine committed is on the disk."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _set_sync_later(later: bool) -> None:
    if connection.vendor == "sqlite":
        cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).sync_later(later)
