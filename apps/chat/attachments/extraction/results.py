"""What a reader returns: the text, what is to be said of it, and why there is none."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

Reason = Literal["password", "damaged", "large", "binary", "old"]


class Unreadable(Exception):
    """The file cannot be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    pages: int
    chars: int
    until: float  # Of time.monotonic().
    seconds: float  # Of computing.

    def is_reached(self, chars: int) -> bool:
        is_late = time.monotonic() > self.until or time.process_time() > self.seconds
        return chars > self.chars or is_late


@dataclass(slots=True)
class Extract:
    text: str
    notes: dict[str, Any] = field(default_factory=dict)  # See reading_notes.py.
    pages: int | None = None
    pages_read: int | None = None

    def as_dict(self) -> dict[str, Any]:
        notes = {name: value for name, value in self.notes.items() if value}
        return {
            "text": self.text,
            "notes": notes,
            "pages": self.pages,
            "pages_read": self.pages_read,
        }


class Pieces:
    """Collects the lines of a text, as far as the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[str] = []
        self._chars = 0
        self.is_cut = False

    def add(self, piece: str) -> bool:
        """Take the piece, and return whether there is room for more."""
        self._pieces.append(piece)
        self._chars += len(piece) + 1
        if self._limits.is_reached(self._chars):
            self.is_cut = True
        return not self.is_cut

    def text(self, between: str = "\n") -> str:
        return between.join(self._pieces)[: self._limits.chars]
