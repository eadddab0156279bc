"""Recognise a frame that says again what a stream has said, as some services end theirs."""

from hashlib import blake2b

_LEAST_CHARS = 20  # Of what counts as a repetition without being the end.
_LEAST_PIECES = 2


class Heard:
    """A text that comes in pieces; what has been taken is known by its length and its hash."""

    def __init__(self) -> None:
        self.pending: list[str] = []  # What take() has not returned.
        self.length = 0  # Characters, those that are pending included.
        self._taken = 0  # Pieces.
        self._hash = blake2b(digest_size=16)

    def add(self, text: str) -> None:
        self.pending.append(text)
        self.length += len(text)

    def take(self) -> str:
        """Return what is pending."""
        text = "".join(self.pending)
        self._taken += len(self.pending)
        self._hash.update(_bytes(text))
        self.pending.clear()
        return text

    def new_part(self, text: str) -> str:
        """Return what of the text has not come, if it begins with all that has; else all of it."""
        if not self.length or len(text) < self.length:
            return text
        heard = self._hash.copy()
        heard.update(_bytes("".join(self.pending)))
        begins = blake2b(_bytes(text[: self.length]), digest_size=16)
        return text[self.length :] if begins.digest() == heard.digest() else text

    def new_of_piece(self, text: str, is_end: bool) -> str:
        """Return what is new of a piece, which is a repetition only where nothing else can be.

        A model may well say "ha" after "ha"; that it says all it has said, in one piece, is none.
        """
        pieces = self._taken + len(self.pending)
        if pieces < _LEAST_PIECES or len(text) < self.length:
            return text
        if is_end or (len(text) == self.length >= _LEAST_CHARS and pieces > _LEAST_PIECES):
            return self.new_part(text)
        return text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
