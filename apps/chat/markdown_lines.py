"""Cut Markdown into chunks of whole top-level blocks, a line at a time.

What is open is decided from the line's beginning alone, in time that does not grow with the block.
Where a line's beginning does not tell (a line under a list may continue its last paragraph or not),
the block is taken to go on: that only delays it. Each cut is confirmed by the parser, which knows.
"""

import re
from collections.abc import Callable
from enum import Enum

from apps.chat.markdown_fold_marks import LONGEST_COMMENT, begins_fold, ends_fold, is_fold_line
from apps.chat.markdown_lists import read_item

LONGEST_BLOCK = 30_000  # Characters; lists and code may be longer, see `_is_full`.
NOTE = r" {0,3}\[\^(\d{1,4}|[A-Za-z]\w{1,30}(?:-\w{1,30}){0,4}|[A-Za-z])\]:"

_FENCE = re.compile(r" {0,3}(?:(`{3,})[^`]*|(~{3,}).*)", re.DOTALL)
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_MARKER = re.compile(r"( {0,3}(?:[-+*]|(\d{1,9})[.)]))(?:([ \t]+)(?=[^ \t])|[ \t]*$)")
_MAYBE_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)|\d{1,9}$")
_NOTE = re.compile(NOTE)
_MATHS = re.compile(r" {0,3}(?:\$\$|\\\[)")
_NOWHERE = 1_000_000_000  # An indent that no line reaches.


class Kind(Enum):
    TEXT = "ends at a blank line"
    LIST = "goes on after blank lines, with indented lines and further items"
    NOTE = "goes on after blank lines, with lines indented by four"
    CODE = "indented code: goes on after blank lines, as a note does"
    FENCE = "ends at its closing fence"
    COMMENT = "ends where the comment does, and is text where that is not soon"


class Blocks:
    """The lines of the blocks that are not complete yet.

    `complete` is called with a chunk's lines and its kind when it seems complete. It takes all of
    them and returns None; or it returns the number of the line from which on the chunk is still
    open after all, and of what kind that rest is.
    """

    def __init__(self, complete: Callable[[list[str], Kind], tuple[int, Kind] | None]) -> None:
        self._complete = complete
        self.lines: list[str] = []
        self._is_after_mark = False  # The line above is a fold's.
        self._reset()

    def _reset(self) -> None:
        self.lines = []
        self._kind = Kind.TEXT
        self._size = 0  # Characters.
        self._after_blank = False
        self._indent = 0  # Of what belongs to the list's last item, or to the footnote.
        self._marks: set[str] = set()  # The characters that end the markers of lists.
        self._is_empty_item = False
        self._fence = ""
        self.has_code = False  # Lines below the fence.
        self._has_maths = False  # Its lines may look like a list.

    def take(self, line: str) -> None:
        """Take the next line, without its end."""
        if self._kind is Kind.FENCE:
            self._take_code(line)
        elif self._kind is Kind.COMMENT:
            self._take_comment(line)
        elif not line.strip(" \t"):
            self._take_blank(line)
        elif not self.lines:
            self._start(line)
        elif self._continues(line):
            self._add(line)
        else:
            self.cut()
            self.take(line)

    def is_ended_by(self, beginning: str) -> bool:
        """Tell whether any line that begins so ends the open chunk; False where it depends."""
        if not self.waits or not beginning or beginning[0] in " \t":
            return False
        return self._kind is not Kind.LIST or not _MAYBE_MARKER.match(beginning)

    @property
    def waits(self) -> bool:
        """Tell whether the beginning of the next line may show that the chunk is complete."""
        return self._after_blank and self._kind not in (Kind.FENCE, Kind.COMMENT)

    @property
    def are_fenced(self) -> bool:
        """Tell whether the lines are code; the first of them is its fence."""
        return self._kind is Kind.FENCE

    def cut(self) -> None:
        """Hand over the chunk; keep what the parser says is open."""
        self._is_after_mark = is_fold_line(self.lines[-1])
        kept = self._complete(self.lines, self._kind)
        lines = self.lines[kept[0] :] if kept else []
        self._reset()
        if not kept:
            return
        self._begin(lines[0])
        self._kind = kept[1]
        for line in lines[1:]:
            self._add(line)

    def _start(self, line: str) -> None:
        self._begin(line)
        is_whole = _HEADING.match(line) or _RULE.fullmatch(line) or is_fold_line(line)
        if self._kind is Kind.TEXT and is_whole:
            self.cut()

    def _begin(self, line: str) -> None:
        fence = _FENCE.fullmatch(line)
        if fence:
            self._kind = Kind.FENCE
            self._fence = fence[1] or fence[2]
        elif _width(line) >= 4 and self._is_after_mark and is_fold_line(line):
            line = line.lstrip(" \t")
        elif _width(line) >= 4:
            self._kind = Kind.CODE
        elif line.lstrip(" ").startswith("<!--") and "-->" not in line.lstrip(" ")[2:]:
            self._kind = Kind.COMMENT
        elif _NOTE.match(line):
            self._kind = Kind.NOTE
            self._indent = 4
        elif _MARKER.match(line) and not _RULE.fullmatch(line):
            self._kind = Kind.LIST
        self._add(line)

    def _add(self, line: str) -> None:
        self.lines.append(line)
        self._size += len(line) + 1
        if not line.strip(" \t"):
            self._after_blank = True
            if self._is_empty_item:  # An item may begin with one blank line, not with two.
                self._indent = _NOWHERE
            return
        self._after_blank = self._is_empty_item = False
        self.has_code = self._kind is Kind.FENCE and len(self.lines) > 1
        self._has_maths = self._has_maths or bool(_MATHS.match(line))
        if self._kind is Kind.LIST:
            self._track_item(line)

    def _track_item(self, line: str) -> None:
        marker = _MARKER.match(line)
        if not marker:
            return
        self._marks.add(marker[1][-1])
        if len(self.lines) > 1 and _width(line) >= self._indent:
            return
        self._is_empty_item = marker.end() == len(line) and not marker[3]
        self._indent = read_item(line.lstrip(" "), _width(line)).owned

    def _take_code(self, line: str) -> None:
        self._add(line)
        mark = line.strip(" \t")
        if not mark.startswith(self._fence) or mark.strip(self._fence[0]) or _width(line) > 3:
            return
        self.cut()

    def _take_comment(self, line: str) -> None:
        if "-->" in line:
            self._add(line)
            self.cut()
        elif line.lstrip(" \t").startswith("<!--") or len(self.lines) >= LONGEST_COMMENT:
            self.give_up()
            self.take(line)
        else:
            self._add(line)

    def give_up(self) -> None:
        """Take the lines of a comment that does not end as what they are without it."""
        if self._kind is not Kind.COMMENT:
            return
        first, *lines = self.lines
        self._reset()
        self._add(first)
        for line in lines:
            self.take(line)

    def _take_blank(self, line: str) -> None:
        if self.lines and self._kind is Kind.TEXT:
            self.cut()
        self._is_after_mark = False
        if self.lines:
            self._add(line)

    def _continues(self, line: str) -> bool:
        if self._kind is Kind.CODE:
            return _width(line) >= 4
        if _width(line) >= self._indent > 0:
            return True
        marker = _MARKER.match(line)
        is_list = self._kind is Kind.LIST
        if begins_anew(line) or (not (is_list and marker) and self._is_below_fold(line)):
            return False
        if not is_list:
            return not self._after_blank and (self._has_maths or not _may_interrupt(line))
        if marker and self._is_full():
            return False
        return not self._after_blank or bool(
            marker and marker[1][-1] in self._marks and not _RULE.fullmatch(line)
        )

    def _is_below_fold(self, line: str) -> bool:
        above = self.lines[-1]
        return ends_fold(above) and _width(line) < 4 and not above.lstrip(" ").startswith(">")

    def _is_full(self) -> bool:
        """Tell whether the list is so long that its next item had better begin another list."""
        return self._size > LONGEST_BLOCK


def begins_anew(line: str) -> bool:
    """Tell whether the line ends whatever stands above it, if it is not indented."""
    return begins_fold(line) or bool(
        _FENCE.fullmatch(line) or _HEADING.match(line) or _NOTE.match(line)
    )


def is_other_than_text(line: str) -> bool:
    """Tell whether the line begins a block that is not text, so that it is no table's head."""
    is_list = bool(_MARKER.match(line) or _RULE.fullmatch(line))
    return is_list or begins_anew(line) or line.lstrip(" ").startswith(">")


def _may_interrupt(line: str) -> bool:
    """Tell whether the line begins a list even directly under a paragraph (CommonMark 5.3)."""
    marker = _MARKER.match(line)
    return bool(marker and marker[3] and marker[2] in (None, "1") and not _RULE.fullmatch(line))


def _width(line: str) -> int:
    """Measure how far the line is indented."""
    column = 0
    for character in line:
        if character == " ":
            column += 1
        elif character == "\t":
            column += 4 - column % 4
        else:
            break
    return column
