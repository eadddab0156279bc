"""Somebody's file, part by part: JSON, or a ZIP file that holds it.

In one pass and little memory, whatever is in it; each conversation is read by itself, so that one
that is odd harms no other.
"""

import codecs
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings

from apps.chat.import_splitter import NotConversations, Splitter
from apps.chat.progress import TransferFailed

PIECE = 256 * 1024  # Bytes read at once.
LARGEST_LISTING = 20_000_000  # Bytes of the table of contents of a ZIP file.

_END_OF_LISTING = b"PK\x05\x06"
_LONGEST_COMMENT = 65_535
# What zipfile raises for what is damaged, encrypted, or packed in a way that it does not know.
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the file that should be a conversation; None if it cannot be read."""

    data: dict[str, Any] | None
    done: int  # Bytes read so far,
    total: int  # of so many.


def find_conversations(file: IO[bytes]) -> Iterator[Found]:
    """Yield what is in the file, part by part. Raise TransferFailed where it cannot be read on."""
    is_archive = file.read(4).startswith(b"PK")
    size = file.seek(0, 2)
    file.seek(0)
    if is_archive:
        yield from _in_archive(file)
        return
    for done, part in _parts(file):
        yield Found(_decoded(part), done, size)


def _in_archive(file: IO[bytes]) -> Iterator[Found]:
    try:
        _check_listing(file)
        with zipfile.ZipFile(file) as archive:
            wanted = [each for each in archive.infolist() if _is_wanted(each.filename)]
            total = sum(each.file_size for each in wanted)
            if total > settings.IMPORT_MAX_UNPACKED_BYTES:
                raise TransferFailed("unpacked_too_large")
            before = 0
            for each in wanted:
                with archive.open(each) as member:  # It gives no more than file_size.
                    for done, part in _parts(member):
                        yield Found(_decoded(part), before + done, total)
                before += each.file_size
    except _BROKEN as error:
        raise TransferFailed("broken_zip") from error
    if not wanted:
        raise TransferFailed("no_conversations")


def _is_wanted(name: str) -> bool:
    """Tell whether the file holds conversations; an export has others, like pictures."""
    folder, _, file = f"/{name}".rpartition("/")
    return file.endswith(".json") and (
        file.startswith("conversations") or folder.endswith("/conversations")
    )


def _check_listing(file: IO[bytes]) -> None:
    """Refuse a table of contents that would fill the memory: zipfile reads it whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_COMMENT - 22))
    ending = file.read()
    at = ending.rfind(_END_OF_LISTING)
    if at >= 0 and int.from_bytes(ending[at + 12 : at + 16], "little") > LARGEST_LISTING:
        raise TransferFailed("unpacked_too_large")
    file.seek(0)


def _parts(file: IO[bytes]) -> Iterator[tuple[int, str | None]]:
    """Yield the parts of a JSON file, and how many bytes it took to get to each."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    splitter = Splitter()
    done = 0
    try:
        while piece := file.read(PIECE):
            done += len(piece)
            for part in splitter.feed(decoder.decode(piece)):
                yield done, part
        splitter.finish()
    except NotConversations as error:
        raise TransferFailed("not_json" if splitter.is_at_start else "cut_short") from error


def _decoded(part: str | None) -> dict[str, Any] | None:
    if part is None:
        return None
    try:
        data = json.loads(part, parse_int=_integer, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)  # Long ones take long to be read.
