"""Lists: what belongs to an item, and which number an item shows.

CommonMark wants what belongs to an item as far in as the item's own text, three columns below
`1. `. Models go two columns in, whatever the marker, as they do below `- `; then a list of steps
would fall apart. So a list, code, a table, a quotation, a fold or a formula that begins two columns
in is the item's, and so is all that follows it there.
"""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, hr, list_block
from markdown_it.token import Token

_NESTED = 2  # Columns.
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_SUBLIST = re.compile(r"(?:[-+*]|1[.)])[ \t]+[^ \t]")
_BLOCK = re.compile(r"```|~~~|>|\||\$\$|\\\[|</?(?:details|summary)", re.IGNORECASE)


class Item(NamedTuple):
    column: int  # Where its marker begins,
    content: int  # and where its text does.
    mark: str  # The character that ends the marker: another one begins another list.

    @property
    def owned(self) -> int:
        """The column from which on a line may belong to the item."""
        return min(self.content, self.column + _NESTED)


def read_item(line: str, column: int) -> Item:
    """Read the first line of an item, of which the marker begins at this column."""
    marker = _MARKER.match(line)
    length = marker.end() if marker else 0
    start = column + length
    spaces = line[length : len(line) - len(line[length:].lstrip(" \t"))]
    content = len(f"{' ' * start}{spaces}".expandtabs(4))
    is_text = length + len(spaces) < len(line) and content - start <= 4
    return Item(column, content if is_text else start + 1, line[length - 1])


def add_to(parser: MarkdownIt) -> None:
    parser.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not (silent or state.is_code_block(start)) and _MARKER.match(_line(state, start)):
        _indent(state, start, end)
    return list_block(state, start, end, silent)


def _indent(state: StateBlock, start: int, end: int) -> None:
    """Count what is an item's, but not as far in as its text, as if it were that far in."""
    item = read_item(_line(state, start), state.sCount[start])
    missing = 0  # Columns.
    for number in range(start + 1, end):
        if state.isEmpty(number):
            continue
        column = state.sCount[number]
        is_between = item.owned <= column < item.content - missing
        if is_between and _is_nested(state, number, end):
            missing = item.content - column
        if column >= item.content - missing:
            state.sCount[number] += missing
        elif _is_next(state, item, number, end):
            item, missing = read_item(_line(state, number), column), 0
        else:
            return


def _is_nested(state: StateBlock, number: int, end: int) -> bool:
    line = _line(state, number)
    if hr(state, number, end, True):
        return False
    is_text = not (_MARKER.match(line) or line[0] in "#=[" or state.isEmpty(number - 1))
    return is_text or bool(_SUBLIST.match(line) or _BLOCK.match(line))


def _is_next(state: StateBlock, item: Item, number: int, end: int) -> bool:
    marker = _MARKER.match(_line(state, number))
    is_like = marker and marker[0][-1] == item.mark and state.sCount[number] >= state.blkIndent
    return bool(is_like) and not hr(state, number, end, True)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def number_items(tokens: list[Token]) -> None:
    """Give an item its number where counting on from the item before comes to another.

    A list whose numbers are all the same is one that its writer leaves to be counted.
    """
    lists: list[list[Token]] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            lists.append([])
        elif token.type == "list_item_open" and token.info:
            lists[-1].append(token)
        elif token.type == "ordered_list_close":
            _number(lists.pop())


def _number(items: list[Token]) -> None:
    numbers = [int(item.info) for item in items]
    if len(set(numbers)) == 1:
        return
    expected = numbers[0]
    for item, number in zip(items, numbers, strict=True):
        if number != expected:
            item.attrs["value"] = number
        expected = number + 1
