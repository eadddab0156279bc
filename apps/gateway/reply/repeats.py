"""Repetitions: recognise a chunk that repeats the whole text, as some services end a stream."""

from hashlib import blake2b

_MIN_CHARS = 20  # Of a repetition before the end.
_MIN_PIECES = 2


class ReceivedText:
    """A text that arrives in pieces; of what was taken, length and hash are kept."""

    def __init__(self) -> None:
        self.pending: list[str] = []  # Not yet returned by take().
        self.length = 0  # Characters, including those pending.
        self._taken = 0  # Number of pieces.
        self._hash = blake2b(digest_size=16)

    def add(self, text: str) -> None:
        self.pending.append(text)
        self.length += len(text)

    def take(self) -> str:
        """Return the pending text."""
        text = "".join(self.pending)
        self._taken += len(self.pending)
        self._hash.update(_bytes(text))
        self.pending.clear()
        return text

    def new_part(self, text: str) -> str:
        """Return the text without its beginning, if that repeats all received so far."""
        if not self.length or len(text) < self.length:
            return text
        digest = self._hash.copy()
        digest.update(_bytes("".join(self.pending)))
        begins = blake2b(_bytes(text[: self.length]), digest_size=16)
        return text[self.length :] if begins.digest() == digest.digest() else text

    def new_of_piece(self, text: str, is_end: bool) -> str:
        """Return the new part of a piece; treat it as a repetition only if nothing else is likely.

        A model may well write "ha" after "ha", but not all of its reply again in one piece.
        """
        pieces = self._taken + len(self.pending)
        if pieces < _MIN_PIECES or len(text) < self.length:
            return text
        if is_end or (len(text) == self.length >= _MIN_CHARS and pieces > _MIN_PIECES):
            return self.new_part(text)
        return text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
