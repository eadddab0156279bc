"""TeX as tokens: what stands in braces, in brackets, and between `\\begin` and `\\end`."""

import re
from collections.abc import Callable
from itertools import accumulate

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|(?<!\d)%[^\n]*(?:\n|\Z)|[{}]|\s+|[^\\{}\s]", re.DOTALL)
_OPENING = frozenset(("{", r"\begin", r"\left"))
_CLOSING = {"}": "{", r"\end": r"\begin", r"\right": r"\left"}
_DIMENSION = re.compile(r"\s*[+-]?[\d.]+\s*(?:em|ex|pt|px|mm|cm|in|pc|mu|bp|sp|[a-z\\]+)\s*")


class TexError(ValueError):
    """The source is not TeX, or not TeX that can be shown."""


def tokens_of(source: str) -> list[str]:
    """Split into commands, braces, runs of blanks and characters; leave comments out."""
    found = _TOKEN.findall(source)
    if not found:
        return []
    if sum(map(len, found)) != len(source):
        raise TexError("a backslash at the end")
    before = ["", *(part[-1] for part in found[:-1])]
    return [
        rf"\{part}" if part == "%" and above.isdigit() else part
        for above, part in zip(before, found, strict=True)
        if part[0] != "%" or above.isdigit()  # After a digit it begins no comment.
    ]


def depth_of(source: str) -> int:
    """Measure how deep things lie within one another; a command may hold what follows it."""
    deepest, run = 0, 0
    depths = [0]
    for part in tokens_of(source):
        if part in _OPENING:
            depths.append(depths[-1] + run + 1)
            run = 0
        elif part in _CLOSING:
            depths = depths[:-1] or [0]
            run = 0
        elif part[0] == "\\" or part in "^_[":
            run += 1
        elif not part.isspace():
            run = 0
        deepest = max(deepest, (depths or [0])[-1] + run)
    return deepest


def splits_at_top(source: str, marks: tuple[str, ...]) -> bool:
    """Return whether one of the tokens stands outside all braces and environments."""
    tokens = tokens_of(source)
    steps = [(part in _OPENING) - (part in _CLOSING) for part in tokens]
    return any(
        not depth and part in marks for depth, part in zip(accumulate(steps), tokens, strict=True)
    )


class Reader:
    """A place in the tokens, and what can be read from there."""

    def __init__(self, source: str) -> None:
        self._tokens = tokens_of(source)
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._tokens)

    def next(self) -> str:
        if not self:
            raise TexError("something is missing at the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def skip_blanks(self) -> None:
        while self and self._tokens[self._at].isspace():
            self._at += 1

    def next_is(self, *tokens: str) -> bool:
        """Return whether one of these follows, blanks aside."""
        at = self._at
        while at < len(self._tokens) and self._tokens[at].isspace():
            at += 1
        return at < len(self._tokens) and self._tokens[at] in tokens

    def takes(self, *tokens: str) -> bool:
        """Pass over one of these, and the blanks before it, if it follows."""
        if not self.next_is(*tokens):
            return False
        while self.next().isspace():
            pass
        return True

    def argument(self) -> str:
        """Read what is in braces, or the one part that stands there without."""
        if self.takes("{"):
            return self._until(lambda part: part == "}", "{", "}")
        part = self.next()
        while part.isspace():
            part = self.next()
        if part == "}":
            raise TexError("an argument is missing")
        return part

    def arguments(self) -> list[str]:
        """Read all that is in braces."""
        found = []
        while self.next_is("{"):
            found.append(self.argument())
        return found

    def optional(self, default: str = "") -> str:
        """Read what is in brackets, if they follow."""
        if not self.takes("["):
            return default
        return self._until(lambda part: part == "]", "{", "}")

    def between(self, opening: str, closing: str) -> str | None:
        """Read what is in a pair of characters such as parentheses, if they follow."""
        if not self.takes(opening):
            return None
        return self._until(lambda part: part == closing, opening, closing)

    def until(self, *ends: str) -> str:
        """Read up to one of these tokens at the same level, which stays, or to the end."""
        if not self:
            return ""
        start, depth = self._at, 0
        while self:
            part = self._tokens[self._at]
            if not depth and part in ends:
                break
            depth += (part in _OPENING) - (part in _CLOSING)
            self._at += 1
        return "".join(self._tokens[start : self._at])

    def body(self, name: str) -> str:
        """Read an environment, of which `\\begin{name}` is read already."""
        start, depth = self._at, 1
        while depth:
            part = self.next()
            end = self._at - 1
            if part in (r"\begin", r"\end") and self.next_is("{"):
                is_same = self.argument().strip() == name
                depth += is_same * (1 if part == r"\begin" else -1)
        return "".join(self._tokens[start:end])

    def skip_row_space(self) -> None:
        """Pass over what may follow a `\\\\`: a star, and a distance in brackets."""
        self.takes("*")
        place = self._at
        if self.next_is("[") and not _DIMENSION.fullmatch(self.optional()):
            self._at = place

    def dimension(self) -> str:
        """Read a distance that stands without braces."""
        text = "".join(self._tokens[self._at : self._at + 12])
        match = _DIMENSION.match(re.sub(r"([a-z]{2}).*", r"\1", text, flags=re.DOTALL))
        if not match:
            raise TexError("a distance is missing")
        taken = 0
        while taken < len(match[0]):
            taken += len(self.next())
        return match[0].replace(" ", "")

    def _until(self, is_end: Callable[[str], bool], opening: str, closing: str) -> str:
        start, depth = self._at, 0
        while True:
            part = self.next()
            if not depth and is_end(part):
                return "".join(self._tokens[start : self._at - 1])
            depth += (part == opening) - (part == closing)
