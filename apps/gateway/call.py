import threading
import time
from collections.abc import Callable
from typing import Protocol

from apps.server import log_context

_TICK = 0.25  # Seconds between two looks at the deadlines.

_lock = threading.Lock()  # Guards _open and who owns which wire; never held while waiting.
_open: set["Call"] = set()
_monitor: threading.Thread | None = None


class Wire(Protocol):
    """The connection that carries a call; the pool may hand it to another call afterwards."""

    owner: "Call | None"

    def hang_up(self) -> None: ...


class Call:
    """One call on its way; another thread may close it."""

    def __init__(self) -> None:
        self.id = log_context.new_id()  # In all lines of the log that belong to it.
        self.closed = False
        self.expired = False
        self.deadline = float("inf")  # Monotonic; moved on by every piece of answer.
        self.ends_at = float("inf")  # Monotonic; the limit of the whole call, retries included.
        self.gather: Callable[[], float] | None = None  # Seconds between two reads, if paced.
        self.before_read: Callable[[], None] | None = None  # Hands over what has arrived.
        self.patience: float | None = None  # Seconds a read may take, when the rest is a courtesy.
        self.bytes_left = 0  # What may still be read before the answer counts as too big.
        self.public_only = False  # Whether only addresses of the open internet may be connected.
        self._wire: Wire | None = None
        self._woken = False
        self._gate = threading.Lock()  # Shut until the call is over; cheaper than an Event.
        self._gate.acquire()

    @property
    def over(self) -> bool:
        return self.closed or self.expired

    def close(self) -> None:
        """Hang up, from any thread at any moment; the reader wakes at once."""
        self.closed = True
        self._hang_up()

    def expire(self) -> None:
        """Hang up because a limit was passed."""
        self.expired = True
        self._hang_up()

    def _hang_up(self) -> None:
        with _lock:
            if not self._woken:
                self._woken = True
                self._gate.release()
            if self._wire is not None and self._wire.owner is self:
                self._wire.hang_up()

    def use(self, wire: Wire) -> bool:
        """Make the wire this call's own; tell whether the call still goes on."""
        with _lock:
            wire.owner = self
            self._wire = wire
            return not self.over

    def wait(self, seconds: float) -> None:
        """Wait, or return early when the call is over."""
        if seconds > 0 and self._gate.acquire(timeout=seconds):
            self._gate.release()

    def extend(self, seconds: float) -> None:
        """Let the call live that many seconds from now, within its whole limit."""
        self.deadline = min(time.monotonic() + seconds, self.ends_at)

    def open(self, total: float) -> None:
        self.ends_at = self.deadline = time.monotonic() + total
        with _lock:
            _open.add(self)
        _start_monitor()

    def finish(self) -> None:
        """Let go of the wire and of the monitor."""
        with _lock:
            _open.discard(self)
            self._wire = None
        self.before_read = self.gather = self.patience = None


def open_calls() -> int:
    """Return how many calls are on their way in this process."""
    return len(_open)


def close_all() -> None:
    """Hang up on every open call, at shutdown."""
    for call in _snapshot():
        call.close()


def _snapshot() -> list[Call]:
    with _lock:
        return list(_open)


def _start_monitor() -> None:
    global _monitor
    with _lock:
        if _monitor is None or not _monitor.is_alive():  # A fork leaves the thread behind.
            _monitor = threading.Thread(target=_watch, name="openai-deadlines", daemon=True)
            _monitor.start()


def _watch() -> None:
    while True:
        time.sleep(_TICK)
        now = time.monotonic()
        for call in _snapshot():
            if now > call.deadline and not call.over:
                call.expire()
