"""Markdown code: whether a text ends within a fence or a code span, where tags are examples."""

import re

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_TICKS = re.compile("`+")


def ends_in_block(text: str) -> bool:
    """Return whether the text ends inside fenced code."""
    return _open_fence(text)[0]


def ends_in_span(text: str) -> bool:
    """Return whether the text ends inside fenced code or an open code span."""
    is_fenced, end = _open_fence(text)
    if is_fenced:
        return True
    opened = ""
    for ticks in _TICKS.findall(text[end:].rpartition("\n\n")[2]):
        if not opened:
            opened = ticks
        elif ticks == opened:
            opened = ""
    return bool(opened)


class CodeTracker:
    """Whether a text that arrives in pieces ends inside code."""

    def __init__(self) -> None:
        self._fence = ""
        self._line: list[str] = []  # The unfinished one.
        self._paragraph: list[str] = []

    def feed(self, text: str) -> None:
        for line in text.splitlines(keepends=True):
            self._line.append(line)
            if line.endswith("\n"):
                self._end_line("".join(self._line))
                self._line = []

    @property
    def is_open(self) -> bool:
        return bool(self._fence) or ends_in_span("".join([*self._paragraph, *self._line]))

    def _end_line(self, line: str) -> None:
        mark = _FENCE.match(line.rstrip("\n"))
        if mark and self._closes(mark[1], mark[2]):
            self._fence, self._paragraph = "", []
        elif mark and not self._fence and (mark[1][0] == "~" or "`" not in mark[2]):
            self._fence = mark[1]
        elif not line.strip():
            self._paragraph = []
        elif not self._fence:
            self._paragraph.append(line)

    def _closes(self, ticks: str, info: str) -> bool:
        return bool(self._fence) and ticks.startswith(self._fence) and not info.strip()


def _open_fence(text: str) -> tuple[bool, int]:
    """Return whether a fence is open at the end, and where the last one was closed."""
    fence, end = "", 0
    for line in _FENCE.finditer(text):
        ticks, info = line[1], line[2]
        if not fence:
            if ticks[0] == "~" or "`" not in info:
                fence = ticks
        elif ticks.startswith(fence) and not info.strip():
            fence, end = "", line.end()
    return bool(fence), end
