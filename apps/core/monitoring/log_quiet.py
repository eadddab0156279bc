"""What is known of the server's state is one quiet line, not a traceback for each request."""

import logging
import time

from apps.core.files import disk_space

SECONDS = 60.0  # Between two lines about the same.


class ReadOnlyDatabase(logging.Filter):
    """Log that the database can only be read instead of each refusal to write, once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at: float | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if not self._is_of_it(record):
            return True
        now = time.monotonic()
        if self._told_at is not None and now - self._told_at < SECONDS:
            return False
        self._told_at = now
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = "The database can only be read: nothing is saved.", ()
        record.exc_info = record.exc_text = None
        return True

    def _is_of_it(self, record: logging.LogRecord) -> bool:
        if record.exc_info and disk_space.is_read_only(record.exc_info[1]):
            record.tells_read_only = True  # Another handler may find it without its exception.
        return hasattr(record, "tells_read_only")
