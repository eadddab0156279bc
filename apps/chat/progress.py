"""How far something in the background has come, as its row tells the page."""

import time
from typing import Any

from apps.chat.models import Transfer
from apps.core import lifecycle
from apps.core.leases import LeasedQuerySet

SAVE_SECONDS = 1.0
MOST_NOTES = 200  # More would tell nobody more.


class GaveUp(Exception):
    """It was stopped, it is gone, or the server is about to end."""


class TransferFailed(Exception):
    """It cannot be done; the code is one of transfer_words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Progress:
    """Tell the row of a transfer how far it is, and learn from it whether to go on."""

    def __init__(self, row: LeasedQuerySet[Transfer]) -> None:
        self.notes: list[dict[str, Any]] = []
        self._row = row
        self._saved_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Note that so much is done. Raise GaveUp where nobody waits for the rest."""
        if lifecycle.is_stopping():
            raise GaveUp
        now = time.monotonic()
        if now - self._saved_at < SAVE_SECONDS:
            return
        self._saved_at = now
        if not self._row.update(done=done, total=total, report=self.notes):
            raise GaveUp

    def note(self, code: str, title: str = "", n: int = 1) -> None:
        """Tell the person something, as a code of transfer_words.py; the same thing adds up."""
        for each in self.notes:
            if each["code"] == code and each["title"] == title:
                each["n"] += n
                return
        if len(self.notes) < MOST_NOTES:
            self.notes.append({"code": code, "title": title, "n": n})
