"""ZIP files that documents are: looked at before a part of them is unpacked."""

import re
import zipfile
from io import BytesIO
from typing import Any

from apps.chat.attachments.extraction.results import Unreadable

_MOST_PARTS = 10_000
_MOST_BYTES = 400_000_000  # Of all parts, pictures too, which are not unpacked.
_MOST_OF_A_PART = 80_000_000  # Of one that is read.
_MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")


def open_archive(data: bytes) -> zipfile.ZipFile:
    """Return the archive. Raise Unreadable if it is none, locked, or too large unpacked."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable("damaged") from error
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("password")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise Unreadable("large")
    markup = [part for part in parts if part.filename.lower().endswith(_MARKUP)]
    if any(part.file_size > _MOST_OF_A_PART for part in markup):
        raise Unreadable("large")
    return archive


def part_of(archive: zipfile.ZipFile, name: str) -> Any:
    """Return the root of a part that is XML. Raise Unreadable if the archive has none such."""
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(archive.read(name), forbid_dtd=True)
    except KeyError as error:
        raise Unreadable("damaged") from error


def names_below(archive: zipfile.ZipFile, pattern: str) -> list[str]:
    """Return the names of the parts that match, in the order of the numbers in them."""
    names = [name for name in archive.namelist() if re.fullmatch(pattern, name)]
    return sorted(names, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])


def count_pictures(archive: zipfile.ZipFile) -> int:
    endings = (
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".webp",
        ".emf",
        ".wmf",
        ".svg",
    )
    return sum(
        name.lower().endswith(endings) and "thumbnail" not in name.lower()
        for name in archive.namelist()
    )


def has_macros(archive: zipfile.ZipFile) -> bool:
    return any(
        name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in archive.namelist()
    )
