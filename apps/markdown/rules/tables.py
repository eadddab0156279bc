"""Tables of GFM (https://github.github.com/gfm/#tables-extension-), with nothing left out.

GFM ends a cell at each pipe, in code as well, so that `a | b` tears a row apart. A row that fits is
read so. In one with too many cells, a pipe within a span whose inside is literal is no border; what
is too much even then stands in the last cell.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, autolink, backtick

from apps.markdown.rules.block_starts import is_other_than_text

_MOST_ADDED = 65_536  # Empty cells, which a short row of a wide table is filled with.
_DELIMITERS = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?[ \t]*")
_ALIGNMENTS = {"::": "center", ":-": "left", "-:": "right"}
_BORDER = re.compile(r"(?<!\\)\|")


class _Tables:
    def __init__(self, literal: Sequence[RuleFuncInlineType]) -> None:
        self._literal = literal  # Rules that read a span whose inside is literal.

    def read(self, state: StateBlock, start: int, end: int, silent: bool) -> bool:
        alignments = _alignments(state, start, end)
        line = _line(state, start)
        if not alignments or "|" not in line or is_other_than_text(line):
            return False
        head = self._cells(line, len(alignments), state.md)
        if len(head) != len(alignments):
            return False
        if not silent:
            self._push(state, start, end, head, alignments)
        return True

    def _push(
        self, state: StateBlock, start: int, end: int, head: list[str], alignments: list[str]
    ) -> None:
        outside, state.parentType = state.parentType, "table"
        state.push("table_open", "table", 1).map = lines = [start, 0]
        state.push("thead_open", "thead", 1).map = [start, start + 1]
        _push_row(state, start, "th", head, alignments)
        state.push("thead_close", "thead", -1)
        number = start + 2
        for number, cells in self._rows(state, start + 2, end, len(alignments)):
            if number == start + 2:
                state.push("tbody_open", "tbody", 1).map = [number, 0]
            _push_row(state, number, "td", cells, alignments)
            number += 1
        if number > start + 2:
            state.push("tbody_close", "tbody", -1)
        state.push("table_close", "table", -1)
        lines[1] = state.line = number
        state.parentType = outside

    def _rows(
        self, state: StateBlock, start: int, end: int, columns: int
    ) -> Iterator[tuple[int, list[str]]]:
        rules = state.md.block.ruler.getRules("blockquote")  # What ends a table ends these.
        added = 0
        for number in range(start, end):
            if state.sCount[number] < state.blkIndent or state.is_code_block(number):
                return
            line = _line(state, number)
            if not line or any(rule(state, number, end, True) for rule in rules):
                return
            cells = self._cells(line, columns, state.md)
            added += max(0, columns - len(cells))
            if added > _MOST_ADDED:
                return
            yield number, _fitted(cells, columns)

    def _cells(self, line: str, columns: int, parser: MarkdownIt) -> list[str]:
        cells = _split(line, [match.start() for match in _BORDER.finditer(line)])
        if len(cells) <= columns:
            return cells
        return _split(line, list(self._borders(line, parser)))

    def _borders(self, line: str, parser: MarkdownIt) -> Iterator[int]:
        state = StateInline(line, parser, {}, [])
        while state.pos < state.posMax:
            place = state.pos
            if any(rule(state, True) for rule in self._literal):
                continue
            if line[place] == "|":
                yield place
            state.pos = place + (2 if line[place] == "\\" else 1)


def add_to(parser: MarkdownIt, literal: Sequence[RuleFuncInlineType]) -> None:
    """Let the parser read tables; the rules are those of spans whose inside is literal."""
    tables = _Tables([backtick, autolink, *literal])
    parser.block.ruler.at("table", tables.read, {"alt": ["paragraph", "reference"]})


def _alignments(state: StateBlock, start: int, end: int) -> list[str]:
    """Read the row below the head; return nothing if there is none."""
    below = start + 1
    if below >= end or state.sCount[below] < state.blkIndent:
        return []
    line = _line(state, below)
    is_code = state.is_code_block(start) or state.is_code_block(below)
    if is_code or line[:2] in ("- ", "-\t") or not _DELIMITERS.fullmatch(line):
        return []
    columns = [column.strip() for column in line.strip("|").split("|")]
    return [_ALIGNMENTS.get(f"{column[0]}{column[-1]}", "") for column in columns]


def _split(line: str, borders: list[int]) -> list[str]:
    places = [-1, *borders, len(line)]
    cells = [line[start + 1 : end].replace(r"\|", "|").strip() for start, end in pairwise(places)]
    if borders and borders[0] == 0:
        del cells[0]
    if cells and borders and borders[-1] == len(line) - 1:
        del cells[-1]
    return cells


def _fitted(cells: list[str], columns: int) -> list[str]:
    if len(cells) <= columns:
        return cells + [""] * (columns - len(cells))
    return [*cells[: columns - 1], " | ".join(cells[columns - 1 :]).strip(" |")]


def _push_row(
    state: StateBlock, number: int, tag: str, cells: list[str], alignments: list[str]
) -> None:
    state.push("tr_open", "tr", 1).map = [number, number + 1]
    for cell, alignment in zip(cells, alignments, strict=True):
        opening = state.push(f"{tag}_open", tag, 1)
        if alignment:
            opening.attrs = {"style": f"text-align:{alignment}"}
        token = state.push("inline", "", 0)
        token.content, token.map, token.children = cell, [number, number + 1], []
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()
