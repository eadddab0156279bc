"""Cut a JSON text into the objects of its outermost list, as it arrives.

Each object is then read by itself: one that is no valid JSON harms no other. A parser that reads
the whole text (ijson was tried) ends at the first token that is not valid.
"""

import re
from collections.abc import Iterator

LONGEST = 20_000_000  # Characters of one object.
MOST_PARTS = 500_000  # Objects and lists in one object: each takes memory.

_STRUCTURE = re.compile(r'["{}\[\]]')
_REST_OF_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


class NotConversations(Exception):
    """The text is neither an object nor a list, or ends in the middle."""


class Splitter:
    """Yield each object as its text, or None where it is too large to be read.

    A text that is one object has one part, itself. The cost grows with the length only, and no
    more is kept than the part that is not complete.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._outside = -1  # The depth between the parts: 1 in a list, 0 around an object.
        self._in_string = self._is_escaped = False
        self._part: list[str] = []
        self._length = self._opened = 0

    @property
    def is_at_start(self) -> bool:
        return self._outside < 0

    def feed(self, text: str) -> Iterator[str | None]:
        if self.is_at_start and not self._begin(text.lstrip()):
            return
        start = at = 0
        while (at := self._next(text, at)) < len(text):
            char = text[at]
            at += 1
            if char in "{[":
                if self._depth == self._outside:
                    start = at - 1
                self._depth += 1
                self._opened += 1
            elif char in "}]":
                self._depth -= 1
                if self._depth == self._outside:
                    yield self._complete(text[start:at])
                elif self._depth < self._outside:
                    return  # The list has ended; what follows is nothing to us.
        if self._depth > self._outside:
            self._keep(text[start:])

    def finish(self) -> None:
        """Raise NotConversations if there should be more."""
        if self._depth > 0 or self.is_at_start:
            raise NotConversations

    def _begin(self, text: str) -> bool:
        """Learn whether this is a list or one object; tell whether there was anything yet."""
        if text and text[0] not in "[{":
            raise NotConversations
        if text:
            self._outside = int(text[0] == "[")
        return bool(text)

    def _next(self, text: str, at: int) -> int:
        """Return the place of the next bracket that is in no string."""
        while at < len(text):
            if self._in_string:
                at = self._end_of_string(text, at)
                continue
            found = _STRUCTURE.search(text, at)
            if found is None:
                break
            if found[0] != '"':
                return found.start()
            self._in_string = True
            at = found.end()
        return len(text)

    def _end_of_string(self, text: str, at: int) -> int:
        if self._is_escaped:
            self._is_escaped = False
            return at + 1
        match = _REST_OF_STRING.match(text, at)
        end = match.end() if match else at
        if end < len(text):
            self._in_string = text[end] != '"'
            self._is_escaped = text[end] == "\\"  # The last character that there is.
        return end + 1

    def _keep(self, text: str) -> None:
        self._length += len(text)
        if self._length <= LONGEST:
            self._part.append(text)
        else:
            self._part.clear()

    def _complete(self, text: str) -> str | None:
        self._keep(text)
        is_modest = self._length <= LONGEST and self._opened <= MOST_PARTS
        part = "".join(self._part) if is_modest else None
        self._part, self._length, self._opened = [], 0, 0
        return part
