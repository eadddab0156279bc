"""A formula on lines of its own, read a line at a time, with blank lines in it."""

import re

from apps.markdown.maths.converter import LONGEST_FORMULA
from apps.markdown.rules.dollars import is_prose

_MOST_LINES = 100
_ENVIRONMENTS = (
    "equation|displaymath|math|align|aligned|alignat|alignedat|flalign|xalignat|gather|gathered"
    "|multline|multlined|eqnarray|split|dmath|subequations|cases|dcases|rcases|array|CD"
    "|(?:small)?[bBpvV]?(?:small)?matrix"
)
ENVIRONMENT = re.compile(rf"\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")
_OPENING = re.compile(rf"\$\$(?!\$)|\\\[|{ENVIRONMENT.pattern}")


class FormulaLines:
    """The lines since a beginning of display maths; it ends, or turns out to be none."""

    def __init__(self, line: str, opening: re.Match[str]) -> None:
        self.source = ""  # What is between the delimiters, once it has ended.
        self.has_ended = self.has_failed = False
        self._is_environment = bool(opening[1])
        if self._is_environment:
            self._closer = rf"\end{{{opening[1]}}}"
            self._opener = opening[0]
        else:
            self._closer = "$$" if opening[0] == "$$" else r"\]"
            self._opener = ""
        self._lines: list[str] = []
        self._size = 0
        self._has_blank = False
        self._depth = 0
        self._read(line if self._is_environment else line[2:])

    def take(self, line: str, *, is_block: bool) -> None:
        """Take the next line; `is_block` says that it begins another block by itself."""
        line = line.strip(" \t")
        self._has_blank = self._has_blank or not line
        is_opening = line.startswith(r"\[") or (line.startswith("$$") and self._closer != "$$")
        if is_block or is_opening or (self._has_blank and is_prose(line)):
            self.has_failed = True
        else:
            self._read(line)

    def _read(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line) + 1
        if self._opener:
            self._depth += line.count(self._opener)
        place = line.find(self._closer)
        while place >= 0 and self._depth > 1:
            self._depth -= 1
            place = line.find(self._closer, place + 1)
        if place >= 0:
            self._end(line[place + len(self._closer) :])
        elif len(self._lines) >= _MOST_LINES or self._size > LONGEST_FORMULA:
            self.has_failed = True

    def _end(self, rest: str) -> None:
        source = "\n".join(self._lines).rstrip()
        is_last = not rest.strip() or (self._is_environment and rest.strip() in ".,;")
        if not self._is_environment:
            source = source.removesuffix(self._closer).strip()
        self.has_ended = is_last and bool(source) and "$$" not in source
        self.has_failed = not self.has_ended
        self.source = source


def begin_formula(line: str) -> FormulaLines | None:
    """Return the formula that begins with this line, which is not indented, if one may."""
    match = _OPENING.match(line)
    return FormulaLines(line.rstrip(" \t"), match) if match else None
