"""Cut Markdown into chunks of whole top-level blocks, a line at a time.

What is open is decided from the line's beginning alone, in time that does not grow with the block.
Where a line's beginning does not tell (a line under a list may continue its last paragraph or not),
the block is taken to go on: that only delays it. Each cut is confirmed by the parser, which knows.
"""

from collections.abc import Callable
from enum import Enum

from apps.markdown.rules.block_starts import (
    FENCE,
    HEADING,
    MARKER,
    MAYBE_MARKER,
    NOTE_BEGINNING,
    RULE,
    begins_anew,
    may_interrupt,
    width,
)
from apps.markdown.rules.details_tags import LONGEST_COMMENT, ends_fold, is_fold_line
from apps.markdown.rules.formula_lines import FormulaLines, begin_formula
from apps.markdown.rules.lists import read_item

LONGEST_BLOCK = 30_000  # Characters; lists and code may be longer, see `_is_full`.

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
        self._formula: FormulaLines | None = None  # That has begun with the last lines,
        self._formula_start = 0  # of which this is the first.

    def take(self, line: str) -> None:
        """Take the next line, without its end."""
        if self._kind is Kind.FENCE:
            self._take_code(line)
        elif self._formula:
            self._take_formula(line, self._formula)
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
        """Return whether any line that begins so ends the open chunk; False where it depends."""
        if not self.waits or not beginning or beginning[0] in " \t":
            return False
        return self._kind is not Kind.LIST or not MAYBE_MARKER.match(beginning)

    @property
    def waits(self) -> bool:
        """Return whether the beginning of the next line may show that the chunk is complete."""
        is_within = self._formula or self._kind in (Kind.FENCE, Kind.COMMENT)
        return self._after_blank and not is_within

    @property
    def are_fenced(self) -> bool:
        """Return whether the lines are code; the first of them is its fence."""
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
        self._formula = None  # What begins in these lines was tried before.

    def _start(self, line: str) -> None:
        self._begin(line)
        is_whole = HEADING.match(line) or RULE.fullmatch(line) or is_fold_line(line)
        if self._kind is Kind.TEXT and is_whole:
            self.cut()

    def _begin(self, line: str) -> None:
        fence = FENCE.fullmatch(line)
        if fence:
            self._kind = Kind.FENCE
            self._fence = fence[1] or fence[2]
        elif width(line) >= 4 and self._is_after_mark and is_fold_line(line):
            line = line.lstrip(" \t")
        elif width(line) >= 4:
            self._kind = Kind.CODE
        elif line.lstrip(" ").startswith("<!--") and "-->" not in line.lstrip(" ")[2:]:
            self._kind = Kind.COMMENT
        elif NOTE_BEGINNING.match(line):
            self._kind = Kind.NOTE
            self._indent = 4
        elif MARKER.match(line) and not RULE.fullmatch(line):
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
        self._begin_formula(line)
        if self._kind is Kind.LIST:
            self._track_item(line)

    def _begin_formula(self, line: str) -> None:
        """Note a formula that begins with this line at the top level."""
        formula = begin_formula(line.lstrip(" ")) if width(line) < 4 else None
        is_outside = self._kind is Kind.TEXT or width(line) < self._indent
        if formula and is_outside and not (formula.has_ended or formula.has_failed):
            self._formula, self._formula_start = formula, len(self.lines)

    def _take_formula(self, line: str, formula: FormulaLines) -> None:
        formula.take(line, is_block=begins_anew(line.lstrip(" ")))
        if formula.has_failed:
            self._give_up_last()
            self.take(line)
            return
        self.lines.append(line)
        self._size += len(line) + 1
        if formula.has_ended:
            self.cut()

    def _track_item(self, line: str) -> None:
        marker = MARKER.match(line)
        if not marker:
            return
        self._marks.add(marker[1][-1])
        if len(self.lines) > 1 and width(line) >= self._indent:
            return
        self._is_empty_item = marker.end() == len(line) and not marker[3]
        self._indent = read_item(line.lstrip(" "), width(line)).owned

    def _take_code(self, line: str) -> None:
        self._add(line)
        mark = line.strip(" \t")
        if not mark.startswith(self._fence) or mark.strip(self._fence[0]) or width(line) > 3:
            return
        self.cut()

    def _take_comment(self, line: str) -> None:
        if "-->" in line:
            self._add(line)
            self.cut()
        elif line.lstrip(" \t").startswith("<!--") or len(self.lines) >= LONGEST_COMMENT:
            self._give_up_last()
            self.take(line)
        else:
            self._add(line)

    def give_up(self) -> None:
        """Take the lines of comments and formulas that do not end as what they are without."""
        while self._formula or self._kind is Kind.COMMENT:
            self._give_up_last()

    def _give_up_last(self) -> None:
        if self._formula:
            lines = self.lines[self._formula_start :]
            self.lines, self._formula = self.lines[: self._formula_start], None
        else:
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
            return width(line) >= 4
        if width(line) >= self._indent > 0:
            return True
        marker = MARKER.match(line)
        is_list = self._kind is Kind.LIST
        if begins_anew(line) or (not (is_list and marker) and self._is_below_fold(line)):
            return False
        if not is_list:
            return not self._after_blank and not may_interrupt(line)
        if marker and self._is_full():
            return False
        return not self._after_blank or bool(
            marker and marker[1][-1] in self._marks and not RULE.fullmatch(line)
        )

    def _is_below_fold(self, line: str) -> bool:
        above = self.lines[-1]
        return ends_fold(above) and width(line) < 4 and not above.lstrip(" ").startswith(">")

    def _is_full(self) -> bool:
        """Return whether the list is so long that its next item had better begin another list."""
        return self._size > LONGEST_BLOCK
