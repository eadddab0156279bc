"""ODT, ODS and ODP, as Markdown: headings, lists, tables, notes; of changes, the final text."""

from collections.abc import Iterator
from typing import Any

from apps.chat.attachments.extraction.archives import (
    count_pictures,
    has_macros,
    open_archive,
    part_of,
)
from apps.chat.attachments.extraction.formats.sheets import joined
from apps.chat.attachments.extraction.formats.slides import markdown_table
from apps.chat.attachments.extraction.results import Extract, Limits, Pieces, Unreadable

_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _DRAW = (_NAMES % name for name in ("text", "table", "office", "drawing"))
_STYLE, _PRESENTATION = _NAMES % "style", _NAMES % "presentation"
_MOST_REPEATS = 1_000  # Of an equal cell; files say a million for the empty rest.


def read(data: bytes, limits: Limits) -> Extract:
    archive = open_archive(data)
    if "META-INF/manifest.xml" in archive.namelist():
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise Unreadable("password")
    content = part_of(archive, "content.xml")
    body = content.find(f"{_OFFICE}body")
    if body is None or not len(body):
        raise Unreadable("damaged")
    reader = _Reader(content, limits)
    notes = {
        "pictures": count_pictures(archive),
        "hidden_sheets": reader.hidden,
        "changes": len(list(content.iter(f"{_TEXT}changed-region"))),
        "macros": has_macros(archive),
    }
    pages = len(list(body[0].iter(f"{_DRAW}page"))) or None
    text = reader.read(body[0])
    notes["hidden_sheets"] = reader.hidden
    return Extract(text, notes, pages, reader.pages if pages else None)


class _Reader:
    def __init__(self, content: Any, limits: Limits) -> None:
        self._pieces = Pieces(limits)
        self._hidden_styles = {
            style.get(f"{_STYLE}name")
            for style in content.iter(f"{_STYLE}style")
            for each in style.iter(f"{_STYLE}table-properties")
            if each.get(f"{_TABLE}display") == "false"
        }
        self.hidden = 0
        self.pages = 0

    def read(self, body: Any) -> str:
        is_spreadsheet = body.tag == f"{_OFFICE}spreadsheet"
        for block in body:
            if is_spreadsheet and block.tag == f"{_TABLE}table":
                self._sheet(block)
            else:
                self._block(block, "")
        return self._pieces.text()

    def _block(self, block: Any, indent: str) -> None:
        if self._pieces.is_cut:
            return
        if block.tag == f"{_TEXT}h":
            level = min(6, int(block.get(f"{_TEXT}outline-level", 1)))
            self._pieces.add(f"{'#' * level} {_flat(block)}\n")
        elif block.tag == f"{_TEXT}p":
            self._paragraph(block, indent)
        elif block.tag == f"{_TEXT}list":
            self._list(block, indent)
        elif block.tag == f"{_TABLE}table":
            for line in markdown_table([_cells(row) for row in block.iter(f"{_TABLE}table-row")]):
                self._pieces.add(line)
            self._pieces.add("")
        elif block.tag == f"{_DRAW}page":
            self._slide(block)
        elif block.tag != f"{_TEXT}tracked-changes":  # They hold what was deleted.
            for inner in block:
                self._block(inner, indent)

    def _paragraph(self, block: Any, indent: str) -> None:
        text = _flat(block)
        if text:
            self._pieces.add(f"{indent}{text}" + ("" if indent else "\n"))
        for box in block.iter(f"{_DRAW}text-box"):
            for inner in box:
                self._block(inner, indent)

    def _list(self, block: Any, indent: str) -> None:
        for item in block:
            for place, inner in enumerate(item):
                if inner.tag == f"{_TEXT}list":
                    self._list(inner, f"  {indent}")
                else:
                    self._pieces.add(f"{indent}{'  ' if place else '- '}{_flat(inner)}")
        if not indent:
            self._pieces.add("")

    def _slide(self, page: Any) -> None:
        self.pages += 1
        self._pieces.add(f"\n# Slide {self.pages}")
        for block in page:
            if block.tag == f"{_PRESENTATION}notes":
                for paragraph in block.iter(f"{_TEXT}p"):
                    if text := _flat(paragraph):
                        self._pieces.add(f"[note] {text}")
            else:
                self._block(block, "")

    def _sheet(self, table: Any) -> None:
        is_hidden = table.get(f"{_TABLE}style-name") in self._hidden_styles
        self.hidden += is_hidden
        self._pieces.add(
            f"# {table.get(f'{_TABLE}name', '')}" + (" (hidden)" if is_hidden else "") + "\n"
        )
        for row in table.iter(f"{_TABLE}table-row"):
            cells = _cells(row)
            while cells and not cells[-1]:
                cells.pop()
            if cells and not self._pieces.add(joined(cells)):
                return
        self._pieces.add("")


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeats = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        cells += [_value(cell)] * min(repeats, _MOST_REPEATS)
    return cells


def _value(cell: Any) -> str:
    """Return a cell's date or number as it is computed, else its text."""
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value", "")).removesuffix("T00:00:00").replace("T", " ")
    if kind == "float":
        return str(cell.get(f"{_OFFICE}value", ""))
    return " ".join(filter(None, (_flat(each) for each in cell.iter(f"{_TEXT}p"))))


def _flat(element: Any) -> str:
    return "".join(_runs(element)).strip()


def _runs(element: Any) -> Iterator[str]:
    if element.tag in (f"{_DRAW}frame", f"{_DRAW}text-box"):
        return
    if element.tag == f"{_TEXT}s":
        yield " " * min(100, int(element.get(f"{_TEXT}c", 1)))
    elif element.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
        yield "\t" if element.tag == f"{_TEXT}tab" else "\n"
    elif element.tag in (f"{_TEXT}note", f"{_OFFICE}annotation"):
        kind = "note" if element.tag == f"{_TEXT}note" else "comment"
        yield f" [{kind}: {' '.join(_flat(each) for each in element.iter(f'{_TEXT}p'))}] "
        return
    yield element.text or ""
    for inner in element:
        yield from _runs(inner)
        yield inner.tail or ""
