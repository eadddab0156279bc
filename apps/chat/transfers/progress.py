"""How far something in the background has come, as its row tells the page."""

import time
from typing import Any

from apps.chat.models import Transfer
from apps.jobs.leases import LeasedQuerySet
from apps.server import lifecycle

SAVE_SECONDS = 1.0
MOST_NOTES = 200  # With titles; more would tell nobody more.
MOST_KINDS = 100  # Of parts that were left out.
MOST_TITLES = 3  # Of conversations from which they were.
OTHERS = "…"  # The title for all conversations beyond these.


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
        self._done = self._total = 0

    def __call__(self, done: int, total: int) -> None:
        """Note that so much is done. Raise GaveUp where nobody waits for the rest."""
        self._done, self._total = done, total
        self.go_on()

    def go_on(self) -> None:
        """Learn whether to go on, in the middle of something. Raise GaveUp."""
        if lifecycle.is_stopping():
            raise GaveUp
        now = time.monotonic()
        if now - self._saved_at < SAVE_SECONDS:
            return
        self._saved_at = now
        if not self._row.update(done=self._done, total=self._total, report=self.notes):
            raise GaveUp

    def note(self, code: str, title: str = "", n: int = 1, reason: str = "") -> None:
        """Tell the person something, as a code of transfer_words.py; the same thing adds up.

        What there is no more room for adds up without its title.
        """
        if self._added(code, title, n, reason):
            return
        if title and len(self.notes) >= MOST_NOTES:
            title = OTHERS
            if self._added(code, title, n, reason):
                return
        self._append(code, title, n, reason)

    def leave_out(self, kind: str, n: int, title: str = "") -> None:
        """Tell that parts of a kind were left out, and of which conversations."""
        if not any(each["code"] == "left_out" and each["reason"] == kind for each in self.notes):
            kinds = sum(each["code"] == "left_out" for each in self.notes)
            kind = kind if kinds < MOST_KINDS else "…"
        if not self._added("left_out", "", n, kind):
            self._append("left_out", "", n, kind)
        note = next(each for each in self.notes if each.get("reason") == kind)
        titles = note.setdefault("titles", [])
        if title and title not in titles and len(titles) < MOST_TITLES:
            titles.append(title)
        elif title and title not in titles:
            note["more"] = note.get("more", 0) + 1

    def _added(self, code: str, title: str, n: int, reason: str) -> bool:
        for each in self.notes:
            if (each["code"], each["title"], each.get("reason", "")) == (code, title, reason):
                each["n"] += n
                return True
        return False

    def _append(self, code: str, title: str, n: int, reason: str) -> None:
        note = {"code": code, "title": title, "n": n}
        self.notes.append(note | {"reason": reason} if reason else note)
