"""Somebody's file, part by part: JSON, a page of Takeout, or a ZIP file that holds such.

In one pass and little memory, whatever is in it; each conversation is read by itself, so that one
that is odd harms no other.
"""

import codecs
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings

from apps.chat.transfers.imports.archive_files import Stock, is_own
from apps.chat.transfers.imports.json_splitter import NotConversations, Splitter
from apps.chat.transfers.imports.programs.gemini_page import records
from apps.chat.transfers.progress import TransferFailed

PIECE = 256 * 1024  # Bytes read at once.
LARGEST_LISTING = 20_000_000  # Bytes of the table of contents of a ZIP file.

_END_OF_LISTING = b"PK\x05\x06"
_LONGEST_COMMENT = 65_535
# What zipfile raises for what is damaged, encrypted, or packed in a way that it does not know.
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError)
_PROJECTS = "projects.json"  # Claude's: texts for the model, and no conversations.


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the file that should be a conversation; None if it cannot be read."""

    data: dict[str, Any] | None
    done: int  # Bytes read so far,
    total: int  # of so many.
    folder: str = ""  # Whose files go with it, in an export of Parlor.
    projects: bool = False  # It is what a conversation may belong to.


def find_conversations(file: IO[bytes], stock: Stock | None = None) -> Iterator[Found]:
    """Yield what is in the file, part by part. Raise TransferFailed where it cannot be read on.

    The stock gets what else is in a ZIP file, and is of use until the last part has come.
    """
    head = file.read(1024)
    size = file.seek(0, 2)
    file.seek(0)
    if head.startswith(b"PK"):
        yield from _in_archive(file, stock or Stock())
        return
    for done, data in _read(file, is_page=head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<")):
        yield Found(data, done, size)


def _in_archive(file: IO[bytes], stock: Stock) -> Iterator[Found]:
    try:
        _check_listing(file)
        with zipfile.ZipFile(file) as archive:
            wanted = _wanted(archive.infolist())
            names = {each.filename for each in wanted}
            stock.archive = archive
            stock.fill([each for each in archive.infolist() if each.filename not in names])
            total = sum(each.file_size for each in wanted)
            if total > _most_unpacked(file):
                raise TransferFailed("unpacked_too_large")
            before = 0
            for each in wanted:
                about = {"folder": _folder_of(each.filename)}
                is_projects = PurePosixPath(each.filename).name == _PROJECTS
                with archive.open(each) as member:  # It gives no more than file_size.
                    for done, data in _read(member, is_page=each.filename.endswith(".html")):
                        yield Found(data, before + done, total, **about, projects=is_projects)
                before += each.file_size
    except _BROKEN as error:
        raise TransferFailed("broken_zip") from error
    if not wanted:
        raise TransferFailed("no_conversations")


def _most_unpacked(file: IO[bytes]) -> int:
    """Return how much may be in the file: more than text can be packed costs more than it holds."""
    times = settings.IMPORT_UNPACKED_TIMES * file.seek(0, 2) + settings.IMPORT_UNPACKED_FREE_BYTES
    return min(settings.IMPORT_MAX_UNPACKED_BYTES, times)


def _wanted(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the files that hold conversations; an export has others, like pictures."""
    json_files = [each for each in members if each.filename.endswith(".json")]
    named = [each for each in json_files if _is_named(each.filename)]
    pages = [each for each in members if _is_activity(each.filename, ".html")]
    others = [each for each in json_files if not is_own(each.filename)]
    return named or pages or others


def _is_named(name: str) -> bool:
    folder, _, file = f"/{name}".rpartition("/")
    is_known = file.startswith(("conversations", "chat-export")) or file == _PROJECTS
    return is_known or folder.endswith("/conversations") or _is_activity(name, ".json")


def _is_activity(name: str, ending: str) -> bool:
    """Return whether it is Takeout's record of Gemini, whatever the language of the account."""
    folder = PurePosixPath(name).parent.name.lower()
    return name.endswith(ending) and ("gemini" in folder or "bard" in folder)


def _folder_of(name: str) -> str:
    """Return where the files of this conversation lie in an export of Parlor's."""
    match = re.fullmatch(r"(.*/)?conversations/(\d+)-[^/]*\.json", name)
    return f"{match[1] or ''}files/{match[2]}/" if match else ""


def _read(file: IO[bytes], *, is_page: bool) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield what the file holds, and how many bytes it took to get to each."""
    if is_page:
        for record in records(_texts(file)):
            yield file.tell(), record
        return
    for done, part in _parts(file):
        yield done, _decoded(part)


def _texts(file: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    while piece := file.read(PIECE):
        yield decoder.decode(piece)


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
