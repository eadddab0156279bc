"""PPTX, as Markdown: of each slide its title, its texts and tables, and the notes below it."""

import posixpath
from collections.abc import Iterator
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

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLES = ("title", "ctrTitle")
_UNSAID = ("sldNum", "dt", "ftr", "hdr", "sldImg")


def read(data: bytes, limits: Limits) -> Extract:
    archive = open_archive(data)
    names = list(_in_order(archive))
    if not names:
        raise Unreadable("damaged")
    pieces = Pieces(limits)
    hidden = done = 0
    for done, name in enumerate(names, 1):
        slide = part_of(archive, name)
        hidden += slide.get("show") == "0"
        pieces.add("\n".join(_slide(archive, name, slide, done)))
        if pieces.is_cut or done == limits.pages:
            break
    notes = {
        "hidden_slides": hidden,
        "pictures": count_pictures(archive),
        "charts": len(names_below(archive, r"ppt/charts/chart\d+\.xml")),
        "macros": has_macros(archive),
    }
    return Extract(pieces.text("\n\n"), notes, len(names), done)


def _in_order(archive: ZipFile) -> Iterator[str]:
    targets = _targets(archive, "ppt/presentation.xml")
    for entry in part_of(archive, "ppt/presentation.xml").iter(f"{_SLIDES}sldId"):
        name = targets.get(entry.get(f"{_LINKS}id"), ("", ""))[1]
        if name in archive.namelist():
            yield name


def _targets(archive: ZipFile, name: str) -> dict[str | None, tuple[str, str]]:
    """Return what the part refers to within the archive: by id, its kind and its name."""
    folder, base = posixpath.split(name)
    relations = f"{folder}/_rels/{base}.rels"
    if relations not in archive.namelist():
        return {}
    return {
        each.get("Id"): (
            each.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join(folder, each.get("Target", ""))).lstrip("/"),
        )
        for each in part_of(archive, relations)
        if each.get("TargetMode") != "External"
    }


def _slide(archive: ZipFile, name: str, slide: Any, number: int) -> Iterator[str]:
    title, lines = "", []
    for shape in _elements(slide, f"{_SLIDES}sp", f"{_SLIDES}graphicFrame"):
        kind = _placeholder(shape)
        if kind in _TITLES and not title:
            title = " ".join(_paragraphs(shape))
        elif kind not in _UNSAID:
            lines += _table(shape) or list(_paragraphs(shape))
    hidden = " (hidden)" if slide.get("show") == "0" else ""
    yield f"# Slide {number}{hidden}: {title}" if title else f"# Slide {number}{hidden}"
    yield from lines
    for kind, target in _targets(archive, name).values():
        if target not in archive.namelist():
            continue
        if kind == "notesSlide":
            yield from _notes(part_of(archive, target))
        elif kind in ("comments", "diagramData"):
            yield from _texts(part_of(archive, target), kind)


def _elements(root: Any, *tags: str) -> list[Any]:
    return [element for element in root.iter() if element.tag in tags]


def _placeholder(shape: Any) -> str:
    place = shape.find(f".//{_SLIDES}nvPr/{_SLIDES}ph")
    return "" if place is None else str(place.get("type", "body"))


def _paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter(f"{_DRAWING}p"):
        breaks = f"{_DRAWING}br"
        text = "".join(
            "\n" if each.tag == breaks else each.text or ""
            for each in _elements(paragraph, f"{_DRAWING}t", breaks)
        )
        level = paragraph.find(f"{_DRAWING}pPr")
        depth = int(level.get("lvl", 0)) if level is not None else 0
        if text.strip():
            yield "  " * depth + text.strip()


def _table(shape: Any) -> list[str]:
    rows = [
        [" ".join(_paragraphs(cell)).replace("|", "\\|") for cell in row.iter(f"{_DRAWING}tc")]
        for row in shape.iter(f"{_DRAWING}tr")
    ]
    return markdown_table(rows)


def markdown_table(rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if rows:
        lines.insert(1, f"|{' --- |' * len(rows[0])}")
    return lines


def _notes(page: Any) -> Iterator[str]:
    for shape in page.iter(f"{_SLIDES}sp"):
        if _placeholder(shape) == "body":
            for text in _paragraphs(shape):
                yield f"[note] {text}"


def _texts(part: Any, kind: str) -> Iterator[str]:
    """Yield the texts of comments, and of drawings that PowerPoint lays out itself."""
    if kind == "comments":
        texts = [each.text or "" for each in part.iter(f"{_SLIDES}text")]
        yield from (f"[comment] {text}" for text in texts if text)
    else:
        yield from _paragraphs(part)
