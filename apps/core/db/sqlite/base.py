"""SQLite for many threads: writers that wait in turn, and connections that are used again.

SQLite has one writer at a time. Who finds it busy sleeps for up to 0.1 s before it looks again, so
that with many threads the database is idle while all of them sleep. Threads of one process can do
better: a transaction first takes a lock of ours. Writers of other processes still meet SQLite's.

A new connection costs more than most pages: it reads the schema and compiles each statement anew.
So one that is closed waits for the next thread that opens one, as in a pool of PostgreSQL's.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from django.db.backends.sqlite3 import base

_writing = threading.Lock()
_functions: list[tuple[str, int, Callable[..., Any]]] = []
_idle: dict[str, list[Any]] = defaultdict(list)  # By the database; lists are safe between threads.


def register_function(name: str, arguments: int, function: Callable[..., Any]) -> None:
    """Let SQL call a deterministic function, on all connections that are opened from now on."""
    _functions.append((name, arguments, function))


def forget_idle() -> None:
    """Close the connections that nobody uses: the files behind them have been replaced."""
    for left in _idle.values():
        while left:
            left.pop().close()


class DatabaseWrapper(base.DatabaseWrapper):
    _holds_lock = False
    _syncs_later = False
    _has_failed = False  # Since it was opened; Django forgets that with the transaction.

    def get_connection_params(self) -> dict[str, Any]:
        """Take the options that are ours out of those for SQLite."""
        params: dict[str, Any] = super().get_connection_params()
        self._synchronous = params.pop("synchronous", "FULL")
        self._max_idle = params.pop("max_idle", 0)
        self._left = _idle[params["database"]] if self._max_idle else []
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that was left, or a new one."""
        try:
            connection = self._left.pop()
        except IndexError:
            connection = super().get_new_connection(conn_params)
            for name, arguments, function in _functions:
                connection.create_function(name, arguments, function, deterministic=True)
        self._has_failed = False
        self._half_read: WeakSet[Any] = WeakSet()
        self._set_synchronous(connection)
        return connection

    def chunked_cursor(self) -> Any:
        """Return a cursor that may be left before it has read all."""
        cursor = super().chunked_cursor()
        self._half_read.add(cursor)
        return cursor

    def sync_later(self, later: bool) -> None:
        """Let commits reach the disk with the next checkpoint, or again each by itself."""
        self._syncs_later = later
        if self.connection is not None:
            self._set_synchronous(self.connection)

    def _set_synchronous(self, connection: Any) -> None:
        is_relaxed = self._syncs_later and self._synchronous == "FULL"
        connection.execute(f"PRAGMA synchronous={'NORMAL' if is_relaxed else self._synchronous}")

    def _start_transaction_under_autocommit(self) -> None:
        self._holds_lock = _writing.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5))
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._release()
            raise

    def _commit(self) -> None:
        self._has_failed |= self.errors_occurred
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._release()

    def _rollback(self) -> None:
        self._has_failed |= self.errors_occurred
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._release()

    def is_usable(self) -> bool:
        """Have a connection closed after an error: it may know the file as one to read only."""
        return False

    def _close(self) -> None:
        has_failed = self._has_failed or self.errors_occurred
        is_left = not (has_failed or self.connection.in_transaction)
        try:
            for cursor in self._half_read:  # Else it would hold on to an old state of the database.
                cursor.close()
            if is_left and len(self._left) < self._max_idle:
                self._left.append(self.connection)
            else:
                super()._close()  # type: ignore[misc]
        finally:
            self._release()

    def _release(self) -> None:
        if self._holds_lock:
            self._holds_lock = False
            _writing.release()
