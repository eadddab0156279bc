"""EPUB, as Markdown: its chapters in their order."""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from apps.chat.attachments.extraction.archives import count_pictures, open_archive, part_of
from apps.chat.attachments.extraction.markup import html_to_markdown
from apps.chat.attachments.extraction.results import Extract, Limits, Pieces, Unreadable

_PACKAGE = "{http://www.idpf.org/2007/opf}"
_CONTAINER = "META-INF/container.xml"
_LOCKED = "META-INF/encryption.xml"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"


def read(data: bytes, limits: Limits) -> Extract:
    archive = open_archive(data)
    container = part_of(archive, _CONTAINER)
    root = next((each for each in container.iter() if each.tag.endswith("rootfile")), None)
    if root is None:
        raise Unreadable("damaged")
    package = root.get("full-path", "")
    pieces = Pieces(limits)
    for heading in _about(archive, package):
        pieces.add(heading)
    for name in _chapters(archive, package):
        html = archive.read(name)
        if not html.lstrip().startswith(b"<"):  # Locked chapters are noise.
            raise Unreadable("password" if _LOCKED in archive.namelist() else "damaged")
        if not pieces.add(html_to_markdown(html.decode("utf-8", "replace"))):
            break
    return Extract(
        pieces.text("\n\n"), {"pictures": count_pictures(archive), "is_cut": pieces.is_cut}
    )


def _about(archive: ZipFile, package: str) -> Iterator[str]:
    for name in ("title", "creator"):
        for element in part_of(archive, package).iter(f"{_DUBLIN}{name}"):
            if element.text and element.text.strip():
                yield element.text.strip()


def _chapters(archive: ZipFile, package: str) -> Iterator[str]:
    book, folder = part_of(archive, package), posixpath.dirname(package)
    files = {each.get("id"): each.get("href", "") for each in book.iter(f"{_PACKAGE}item")}
    for entry in book.iter(f"{_PACKAGE}itemref"):
        name = posixpath.normpath(
            posixpath.join(folder, unquote(files.get(entry.get("idref"), "")))
        )
        if name in archive.namelist():
            yield name
