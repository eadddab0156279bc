"""`<details>`, `<summary>` and `</details>`: where in a text they count.

They count at the beginning of a line, at its end, and beside one another; a `<details>` within a
line only where its summary follows. So an answer that mentions a tag hides nothing.
"""

import re
from bisect import bisect
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from apps.markdown.rules.inline_html import ATTRIBUTES

OPEN, SUMMARY, CLOSE = "fold_open", "summary_open", "fold_close"  # Types of tokens.

MOST_OPEN = 8  # Within one another.
LONGEST_COMMENT = 60  # Lines.
_START = rf"<details(?![\w-]){ATTRIBUTES}>"
_NAME = rf"<summary(?![\w-]){ATTRIBUTES}>"
_MARK = re.compile(rf"(?P<open>{_START})|(?P<close></details\s*>)|(?P<name>{_NAME})", re.I)
_NAME_END = re.compile(r"</summary\s*>", re.IGNORECASE)
_MENTION = re.compile(r"</?(?:details|summary)\b", re.IGNORECASE)
_BEGINS = re.compile(rf" {{0,3}}(?:{_START}|{_NAME}|</details\s*>|<!--)", re.IGNORECASE)
_NAMED = rf"{_NAME}(?:[^<]|<(?!/?summary)){{0,1000}}</summary\s*>"
_WHOLE = re.compile(rf"\s*(?:(?:{_START}|</details\s*>|{_NAMED})\s*)+", re.IGNORECASE)
_ENDS = re.compile(r"</(?:details|summary)\s*>\s*$", re.IGNORECASE)
_TICKS = re.compile("`+")
_NAME_FOLLOWS = re.compile(rf"\s*{_NAME}", re.IGNORECASE)
_IS_LAST = re.compile(r"[ \t]*(?:\Z|\n|</details)", re.IGNORECASE)


class Mark(NamedTuple):
    type: str
    start: int
    end: int
    name: str = ""  # What a summary holds.


def begins_fold(line: str) -> bool:
    """Return whether the line begins with such a tag, or with a comment."""
    return line.lstrip(" ")[:1] == "<" and bool(_BEGINS.match(line))


def ends_fold(line: str) -> bool:
    """Return whether the line ends with such a tag, so that the next one begins anew."""
    return line.rstrip()[-1:] == ">" and bool(_ENDS.search(line[-20:]))


def is_fold_line(line: str) -> bool:
    """Return whether there is nothing but such tags in the line."""
    return line.lstrip()[:1] == "<" and bool(_WHOLE.fullmatch(line))


def add_to(parser: MarkdownIt) -> None:
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    parser.block.ruler.before("code", "fold", _fold_line, interrupts)
    parser.block.ruler.before("code", "comment", _comment)


def _fold_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    before = _line(state, start - 1) if start else ""
    if silent:
        return begins_fold(line) or ends_fold(before)
    is_below = bool(_MENTION.match(before)) and is_fold_line(before)
    if not is_fold_line(line) or (state.is_code_block(start) and not is_below):
        return False
    state.line = start + 1
    _push_paragraph(state, line, start)
    return True


def _comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Leave out a comment; one that is long, or has the beginning of another in it, is text."""
    line = _line(state, start)
    if silent or not line.startswith("<!--") or state.is_code_block(start):
        return False
    last, rest = start, line[2:]
    while "-->" not in rest:
        last += 1
        rest = _line(state, last) if last < end else "<!--"
        is_outside = last < end and rest and state.sCount[last] < state.blkIndent
        if rest.startswith("<!--") or is_outside or last - start >= LONGEST_COMMENT:
            return False
    rest = rest.split("-->", 1)[1].strip()
    if rest and last == start:
        return False  # What stands in a line of text is left out there.
    state.line = last + 1
    if rest:
        _push_paragraph(state, rest, last)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _push_paragraph(state: StateBlock, content: str, line: int) -> None:
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = content.strip(), [line, line + 1], []
    state.push("paragraph_close", "p", -1)


def mentions_fold(text: str) -> bool:
    return bool(_MENTION.search(text))


def find_marks(text: str) -> list[Mark]:
    """Find the tags that count in the text of a paragraph."""
    return list(_Marks(text))


class _Marks:
    def __init__(self, text: str) -> None:
        self._text = text
        self._code = _code_spans(text)
        self._name_ends = [match.span() for match in _NAME_END.finditer(text)]
        self._done = 0
        self._opened = 0

    def __iter__(self) -> Iterator[Mark]:
        for match in _MARK.finditer(self._text):
            if match.start() < self._done or self._is_literal(match.start()):
                continue
            if mark := self._read(match):
                self._opened += (mark.type == OPEN) - (mark.type == CLOSE)
                self._done = mark.end
                yield mark

    def _read(self, match: re.Match[str]) -> Mark | None:
        start, end = match.span()
        is_first = self._is_first(start)
        if match["open"]:
            counts = is_first or _NAME_FOLLOWS.match(self._text, end)
            return Mark(OPEN, start, end) if counts else None
        if match["close"]:
            counts = is_first or self._opened > 0 or _IS_LAST.match(self._text, end)
            return Mark(CLOSE, start, end) if counts else None
        number = bisect(self._name_ends, (end, 0))
        if not is_first or number == len(self._name_ends):
            return None
        name_end, after = self._name_ends[number]
        return Mark(SUMMARY, start, after, self._text[end:name_end].strip())

    def _is_first(self, place: int) -> bool:
        """Return whether nothing stands before this place in its line, or since the last mark."""
        while place > self._done and self._text[place - 1] in " \t":
            place -= 1
        return place == self._done or self._text[place - 1] == "\n"

    def _is_literal(self, place: int) -> bool:
        before = self._text[max(0, place - 20) : place]
        span = bisect(self._code, (place, 0)) - 1
        is_code = span >= 0 and place < self._code[span][1]
        return is_code or (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _code_spans(text: str) -> list[tuple[int, int]]:
    runs = list(_TICKS.finditer(text))
    last = {len(run[0]): number for number, run in enumerate(runs)}
    spans, number = [], 0
    while number < len(runs):
        size = len(runs[number][0])
        end = number + 1
        if last[size] > number:
            while len(runs[end][0]) != size:
                end += 1
            spans.append((runs[number].start(), runs[end].end()))
            end += 1
        number = end
    return spans
