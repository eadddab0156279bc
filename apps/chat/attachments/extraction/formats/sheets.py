"""XLSX, as lines with commas: of each cell the value, not the formula that makes it."""

import csv
import datetime
from collections.abc import Iterator
from io import BytesIO, StringIO
from itertools import zip_longest
from typing import Any
from zipfile import ZipFile

from apps.chat.attachments.extraction.archives import (
    count_pictures,
    has_macros,
    names_below,
    open_archive,
    part_of,
)
from apps.chat.attachments.extraction.results import Extract, Limits, Pieces, Unreadable

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read(data: bytes, limits: Limits) -> Extract:
    import openpyxl

    archive = open_archive(data)
    if "xl/workbook.bin" in archive.namelist():
        raise Unreadable("old")
    values = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(BytesIO(data), read_only=True)
    pieces = Pieces(limits)
    hidden = uncomputed = 0
    for sheet in values.worksheets:
        is_hidden = sheet.sheet_state != "visible"
        hidden += is_hidden
        pieces.add(f"# {sheet.title}" + (" (hidden)" if is_hidden else "") + "\n")
        for row, missing in _rows(sheet, formulas[sheet.title]):
            uncomputed += missing
            if not pieces.add(row):
                break
        pieces.add("")
        if pieces.is_cut:
            break
    for comment in _comments(archive):
        pieces.add(comment)
    notes = {
        "hidden_sheets": hidden,
        "uncomputed": uncomputed,
        "pictures": count_pictures(archive),
        "charts": len(names_below(archive, r"xl/charts/chart\d+\.xml")),
        "macros": has_macros(archive),
        "is_cut": pieces.is_cut,
    }
    return Extract(pieces.text(), notes)


def _rows(values: Any, formulas: Any) -> Iterator[tuple[str, int]]:
    """Yield each row that holds something, and how many formulas in it nobody has computed."""
    for sheet in (values, formulas):
        sheet.reset_dimensions()  # What a file says of its size may be wrong.
    both = zip_longest(values.iter_rows(values_only=True), formulas.iter_rows(values_only=True))
    for row, written in both:
        cells, missing = [], 0
        for value, formula in zip_longest(row or (), written or ()):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                value, missing = formula, missing + 1
            cells.append(_shown(value))
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield joined(cells), missing


def joined(cells: list[str]) -> str:
    """Return a line of a table; what holds a comma, a quote or a line end is in quotes."""
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    plain = all(set(cell).isdisjoint(',"\r\n') for cell in cells)
    return ", ".join(cells) if plain else line.getvalue()


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    return str(value).strip()


def _comments(archive: ZipFile) -> Iterator[str]:
    for name in names_below(archive, r"xl/comments\d*\.xml|xl/comments/comment\d*\.xml"):
        for comment in part_of(archive, name).iter(f"{_SPACE}comment"):
            text = "".join(each.text or "" for each in comment.iter(f"{_SPACE}t"))
            yield f"[comment at {comment.get('ref')}] {text.strip()}"
