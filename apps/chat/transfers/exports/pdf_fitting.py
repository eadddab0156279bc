"""What is wider than its paper, made to fit: on a page it scrolls, in a PDF it would be cut off.

How wide a table will be is estimated from its longest words: to lay it out and see would take
twice the time. It gets a class of pdf.css for smaller letters, then for a page of its own that is
turned; and what is still too wide is parted, with the first column before each part.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import zip_longest
from typing import Any, NamedTuple
from unicodedata import east_asian_width

Element = Any  # Of xml.etree, as WeasyPrint's parser makes them.

MATHML = "{http://www.w3.org/1998/Math/MathML}"
PORTRAIT, LANDSCAPE = 470.0, 717.0  # Points between the margins of A4.
NESTING = 24.0  # Points that a list or a quotation takes from the line.
LONGEST_WORD = 18  # Characters; in longer words, but not in numbers, lines may end.
LETTER, BOLD, WIDE = 0.62, 1.1, 1.0  # Ems: a letter, how much more if it is bold, an ideograph.
_NUMBER = re.compile(r"\W*\d[\d\W]*")
_BETWEEN_WORDS = re.compile(r"\s+|(?<=[-/])")


class Way(NamedTuple):
    """One way to set a table."""

    classes: str  # Of pdf.css, which has the same sizes.
    letters: float  # Points.
    padding: float  # Points, of both sides of a cell and its border.
    paper: float  # Points.

    def width(self, ems: float) -> float:
        """Return the points that a column takes whose longest word has so many ems."""
        return max(ems * self.letters, 1.5 * self.letters) + self.padding


WAYS = [
    Way("", 9.5, 13, PORTRAIT),
    Way("table--small", 8, 8, PORTRAIT),
    Way("table--tiny", 7, 6, PORTRAIT),
    Way("table--small table--turned", 8, 8, LANDSCAPE),
    Way("table--tiny table--turned", 7, 6, LANDSCAPE),
]
NARROWEST = WAYS[2]  # Where the page cannot be turned: in a list, or in a quotation.


def fit(page: Element) -> None:
    """Let every table and every formula of the page stay on its paper."""
    for parent, depth in list(_places(page, 0)):
        for box in list(parent):
            if "table" in _classes(box) and box.find("table") is not None:
                _fit_table(parent, box, depth)
    for formula in page.iter(f"{MATHML}math"):
        _let_break(formula)


def _places(element: Element, depth: int) -> Iterator[tuple[Element, int]]:
    """Yield each element, with the number of lists and quotations that it stands in."""
    yield element, depth
    for child in element:
        yield from _places(child, depth + (child.tag in ("li", "blockquote")))


def _fit_table(parent: Element, box: Element, depth: int) -> None:
    rows = [list(row) for row in box.iter("tr")]
    columns = [
        max(_ems(cell) for cell in column if cell is not None) for column in zip_longest(*rows)
    ]
    for cell in (cell for row in rows for cell in row):
        if any(map(_may_break, _words(cell))):
            _add_class(cell, "table__cell--breaks")
    for way in WAYS:
        if depth and way.paper == LANDSCAPE:
            continue
        if sum(map(way.width, columns)) <= way.paper - depth * NESTING:
            _add_class(box, way.classes)
            return
    way = NARROWEST if depth else WAYS[-1]
    _add_class(box, way.classes)
    _part(parent, box, _groups([way.width(ems) for ems in columns], way.paper - depth * NESTING))


def _ems(cell: Element) -> float:
    """Return how wide the longest word of the cell is, as far as it may not be broken."""
    widths = [sum(WIDE if _is_wide(letter) else LETTER for letter in each) for each in _words(cell)]
    pairs = zip(widths, _words(cell), strict=True)
    longest = max(
        (min(w, LONGEST_WORD * LETTER) if _may_break(t) else w for w, t in pairs), default=0
    )
    return longest * (BOLD if cell.tag == "th" else 1)


def _words(cell: Element) -> list[str]:
    """Return what stays together in a line: words, and single ideographs."""
    words = filter(None, _BETWEEN_WORDS.split("".join(cell.itertext())))
    return [part for word in words for part in _without_ideographs(word)]


def _without_ideographs(word: str) -> list[str]:
    return re.split(r"(?<=[\u2e80-\U0003ffff])", word) if any(map(_is_wide, word)) else [word]


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def _may_break(word: str) -> bool:
    return len(word) > LONGEST_WORD and not _NUMBER.fullmatch(word)


def _groups(widths: list[float], room: float) -> list[list[int]]:
    """Return which columns stand together; the first names the rows, so it leads each group."""
    groups: list[list[int]] = []
    left = 0.0
    for number, width in enumerate(widths[1:], start=1):
        if not groups or width > left:
            groups.append([0])
            left = room - widths[0]
        groups[-1].append(number)
        left -= width
    return groups


def _part(parent: Element, box: Element, groups: list[list[int]]) -> None:
    """Put a table for each group of columns in the place of the one that has all."""
    place = list(parent).index(box)
    parts = []
    for columns in groups:
        part = deepcopy(box)
        for row in part.iter("tr"):
            for number, cell in reversed(list(enumerate(row))):
                if number not in columns:
                    row.remove(cell)
        parts.append(part)
    parent[place : place + 1] = parts


def _let_break(formula: Element) -> None:
    """Let lines end before the operators of a formula that are not inside of anything."""
    row = formula
    while len(row) and _name(row[0]) in ("semantics", "mrow", "mstyle") and _is_all(row):
        row = row[0]
    for number, child in reversed(list(enumerate(row))):
        if number and _name(child) == "mo" and (child.text or "") in "+-−=<>≤≥≠±·×→⇒,":
            opportunity = row.makeelement("wbr", {})
            row.insert(number if child.text != "," else number + 1, opportunity)


def _is_all(row: Element) -> bool:
    """Return whether nothing that is shown comes after the first child."""
    return all(_name(child).startswith("annotation") for child in row[1:])


def _name(element: Element) -> str:
    name: str = element.tag
    return name.removeprefix(MATHML)


def _classes(element: Element) -> list[str]:
    names: str = element.get("class", "")
    return names.split()


def _add_class(element: Element, name: str) -> None:
    if name:
        element.set("class", " ".join([*_classes(element), name]))
