"""A brake for what is logged again and again: a fault that recurs must not fill the disk."""

import logging
import threading
import time

WINDOW = 60.0  # Seconds.
MOST = 20  # Lines of one kind within.
MOST_OF_OTHERS = 500  # Of those that each belong to another request, reply or call.
KINDS = 1000  # That are remembered.

Kind = tuple[str, str, int, object]


class Brake(logging.Filter):
    """Let through the first warnings of a kind within a minute, then the 100th, the 1,000th, ….

    A kind is the place in the code, whatever it says there, and the kind of the error. A line
    that stands for others has their number in `record.repeated`. Lines below a warning tell of one
    request or reply each, and are never left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._seen: dict[Kind, tuple[float, int]] = {}  # When the minute began, and how many.

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        count = self._count(record)
        most = MOST_OF_OTHERS if getattr(record, "context", None) else MOST
        if count <= most:
            return True
        record.repeated = count
        return set(str(count)[1:]) <= {"0"} and str(count)[0] == "1"

    def _count(self, record: logging.LogRecord) -> int:
        error = record.exc_info[0] if record.exc_info else None
        kind = record.name, record.pathname, record.lineno, error
        now = time.monotonic()
        with self._lock:
            began, count = self._seen.get(kind, (now, 0))
            if now - began >= WINDOW:
                began, count = now, 0
            if len(self._seen) >= KINDS:
                self._seen.clear()
            self._seen[kind] = began, count + 1
        return count + 1
