"""Where in a Markdown text code is: what stands there is an example, whatever it looks like."""

import re

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_TICKS = re.compile("`+")


def ends_in_block(text: str) -> bool:
    """Return whether the text ends inside fenced code."""
    return _open_fence(text)[0]


def ends_in_span(text: str) -> bool:
    """Return whether the text ends inside fenced code, or after backticks that are not closed."""
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
