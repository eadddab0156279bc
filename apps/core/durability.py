"""When what was committed has to be on the disk.

What a person sent must be there before the answer. What a thread writes may wait for the next
sync: on SQLite each commit else waits for the disk, one after the other, and hundreds of replies
that end together wait for minutes. PostgreSQL lets them wait together by itself.
"""

from django.db import connection


def sync_later() -> None:
    """Let what this thread's connection commits reach the disk with the next sync."""
    _pragma("synchronous=NORMAL")


def sync() -> None:
    """Wait until all that this machine committed is on the disk."""
    _pragma("wal_checkpoint(PASSIVE)")


def _pragma(setting: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {setting}")
