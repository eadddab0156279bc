"""Open calls: their deadlines, the monitor thread, and cancelling from another thread."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from apps.server import log_context

_CHECK_SECONDS = 0.25  # How often the monitor compares the deadlines.

_lock = threading.Lock()  # Guards _open and who owns which connection; never held while waiting.
_open: set["Call"] = set()
_monitor: threading.Thread | None = None


class Connection(Protocol):
    """The connection that carries a call; the pool may hand it to another call afterwards."""

    owner: "Call | None"

    def shut_down(self) -> None: ...


class Call:
    """One request to the AI service, with its retries; any thread may close it."""

    def __init__(self) -> None:
        self.id = log_context.new_id()  # In all lines of the log that belong to it.
        self.closed = False
        self.expired = False
        self.deadline = float("inf")  # time.monotonic(); extended by every chunk.
        self.ends_at = float("inf")  # time.monotonic(); of the whole call, retries included.
        self.gather: Callable[[], float] | None = None  # Seconds between two reads, if paced.
        self.before_read: Callable[[], None] | None = None  # Delivers what has arrived.
        self.read_timeout: float | None = None  # Seconds; of each read, once set.
        self.bytes_left = 0  # Of the response's limit.
        self.public_only = False  # Whether only addresses of the open internet may be connected.
        self._connection: Connection | None = None
        self._woken = False
        self._ended = threading.Lock()  # Shut until the call is over; cheaper than an Event.
        self._ended.acquire()

    @property
    def over(self) -> bool:
        return self.closed or self.expired

    def close(self) -> None:
        """Cancel the call, from any thread at any moment; its reader wakes at once."""
        self.closed = True
        self._release()

    def expire(self) -> None:
        """Cancel the call because it has passed a limit."""
        self.expired = True
        self._release()

    def _release(self) -> None:
        with _lock:
            if not self._woken:
                self._woken = True
                self._ended.release()
            if self._connection is not None and self._connection.owner is self:
                self._connection.shut_down()

    def attach(self, connection: Connection) -> bool:
        """Make the connection this call's own; return whether the call is still open."""
        with _lock:
            connection.owner = self
            self._connection = connection
            return not self.over

    def wait(self, seconds: float) -> None:
        """Wait, or return early when the call is over."""
        if seconds > 0 and self._ended.acquire(timeout=seconds):
            self._ended.release()

    def extend(self, seconds: float) -> None:
        """Move the deadline to that many seconds from now, but not past the end of the call."""
        self.deadline = min(time.monotonic() + seconds, self.ends_at)

    def open(self, total: float) -> None:
        """Start the deadlines; the call ends after `total` seconds at the latest."""
        self.ends_at = self.deadline = time.monotonic() + total
        with _lock:
            _open.add(self)
        _ensure_monitor()

    def finish(self) -> None:
        """Detach the connection and stop monitoring."""
        with _lock:
            _open.discard(self)
            self._connection = None
        self.before_read = self.gather = self.read_timeout = None


def open_calls() -> int:
    """Return the number of open calls in this process."""
    return len(_open)


def close_all() -> None:
    """Close every open call, at shutdown."""
    for call in _snapshot():
        call.close()


def _snapshot() -> list[Call]:
    with _lock:
        return list(_open)


def _ensure_monitor() -> None:
    global _monitor
    with _lock:
        if _monitor is None or not _monitor.is_alive():  # A fork leaves the thread behind.
            _monitor = threading.Thread(
                target=_expire_overdue, name="openai-deadlines", daemon=True
            )
            _monitor.start()


def _expire_overdue() -> None:
    while True:
        time.sleep(_CHECK_SECONDS)
        now = time.monotonic()
        for call in _snapshot():
            if now > call.deadline and not call.over:
                call.expire()
