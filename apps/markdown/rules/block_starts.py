"""How the blocks of Markdown begin: what the beginning of a line tells."""

import re

from apps.markdown.rules.details_tags import begins_fold

NOTE = r" {0,3}\[\^(\d{1,4}|[A-Za-z]\w{1,30}(?:-\w{1,30}){0,4}|[A-Za-z])\]:"

FENCE = re.compile(r" {0,3}(?:(`{3,})[^`]*|(~{3,}).*)", re.DOTALL)
RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
MARKER = re.compile(r"( {0,3}(?:[-+*]|(\d{1,9})[.)]))(?:([ \t]+)(?=[^ \t])|[ \t]*$)")
MAYBE_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)|\d{1,9}$")
NOTE_BEGINNING = re.compile(NOTE)


def begins_anew(line: str) -> bool:
    """Return whether the line ends whatever stands above it, if it is not indented."""
    return begins_fold(line) or bool(
        FENCE.fullmatch(line) or HEADING.match(line) or NOTE_BEGINNING.match(line)
    )


def is_other_than_text(line: str) -> bool:
    """Return whether the line begins a block that is not text, so that it is no table's head."""
    is_list = bool(MARKER.match(line) or RULE.fullmatch(line))
    return is_list or begins_anew(line) or line.lstrip(" ").startswith(">")


def may_interrupt(line: str) -> bool:
    """Return whether the line begins a list even directly under a paragraph (CommonMark 5.3)."""
    marker = MARKER.match(line)
    return bool(marker and marker[3] and marker[2] in (None, "1") and not RULE.fullmatch(line))


def width(line: str, start: int = 0) -> int:
    """Measure how far the line is indented, or how far what follows `start` is."""
    column = start
    for character in line[start:]:
        if character == " ":
            column += 1
        elif character == "\t":
            column += 4 - column % 4
        else:
            break
    return column
