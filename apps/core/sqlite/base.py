"""SQLite whose writers in this process wait in turn instead of asking again and again.

SQLite has one writer at a time. Who finds it busy sleeps for up to 0.1 s before it looks again, so
that with many threads the database is idle while all of them sleep. Threads of one process can do
better: a transaction first takes a lock of ours. Writers of other processes still meet SQLite's.
"""

import threading
from typing import Any

from django.db.backends.sqlite3 import base

from apps.core.words import owned_words

_writing = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    _holds_lock = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Give the connection the function that keeps the index of the search."""
        connection = super().get_new_connection(conn_params)
        connection.create_function("owned_words", 2, owned_words, deterministic=True)
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        self._holds_lock = _writing.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5))
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._release()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._release()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._release()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._release()

    def _release(self) -> None:
        if self._holds_lock:
            self._holds_lock = False
            _writing.release()
