"""The files that came with conversations: in their ZIP file, or as letters within them."""

import base64
import re
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from urllib.parse import unquote

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from apps.chat.attachments.text_extraction import FileRefused

MOST_KEY_CHARS = 300

_SCHEME = re.compile(r"^[a-z-]+://")
_LETTERS = re.compile(r"data:[\w.+-]+/([\w.+-]+)[^,]{0,100}?;base64,", re.IGNORECASE)
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError)
_NEIGHBOURS = 20  # Names with the same beginning that are looked at.

# What belongs to an export itself: it is read, repeats what is read, or tells of the account.
_OWN = {"account.json", "chat.html", "user.json", "users.json", "user_settings.json"}
_OWN |= {"message_feedback.json", "export_manifest.json", "conversation_asset_file_names.json"}


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there: a member of the ZIP file, or bytes as letters."""

    name: str
    size: int  # Bytes.
    member: zipfile.ZipInfo | None = None
    letters: str = ""  # Base64.

    @property
    def key(self) -> str:
        return self.member.filename if self.member else self.letters


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message, and the words for its place if it cannot."""

    name: str
    found: Found
    stand_in: str


@dataclass
class Stock:
    """The members of a ZIP file that are no conversations."""

    archive: zipfile.ZipFile | None = None
    folder: str = ""  # Of the conversation that is being read, in an export of Parlor.
    used: set[str] = field(default_factory=set)
    _by_name: list[tuple[str, zipfile.ZipInfo]] = field(default_factory=list)  # Both sorted.
    _by_path: list[tuple[str, zipfile.ZipInfo]] = field(default_factory=list)
    _unpacked: int = 0  # Bytes.

    def fill(self, members: list[zipfile.ZipInfo]) -> None:
        named = [each for each in members if not each.is_dir()]
        self._by_path = sorted(((each.filename, each) for each in named), key=_first)
        self._by_name = sorted(((_base(path), each) for path, each in self._by_path), key=_first)

    def find(self, key: str) -> Found | None:
        """Return the file of that name, or whose name begins with that id, or that these are."""
        if match := _LETTERS.match(key):
            letters = key[match.end() :]
            return Found(f"file.{match[1].lower()}"[:30], len(letters) * 3 // 4, letters=letters)
        base = _base(unquote(_SCHEME.sub("", key[:MOST_KEY_CHARS]).split("?")[0].split("#")[0]))
        at = bisect_left(self._by_name, base, key=_first)
        for name, member in islice(self._by_name, at, at + _NEIGHBOURS):
            if base and name.startswith(base) and not name[len(base) : len(base) + 1].isalnum():
                return self.take(member)
        return None

    def take(self, member: zipfile.ZipInfo) -> Found:
        self.used.add(member.filename)
        return Found(_base(member.filename), member.file_size, member)

    def below(self, folder: str) -> Iterator[zipfile.ZipInfo]:
        """Yield the files whose path begins so."""
        at = bisect_left(self._by_path, folder, key=_first)
        for path, member in islice(self._by_path, at, None):
            if not path.startswith(folder):
                return
            yield member

    def read(self, found: Found) -> bytes:
        """Return the bytes. Raise FileRefused where they are too many, or damaged."""
        most = max(settings.IMAGE_MAX_BYTES, settings.ATTACHMENT_MAX_BYTES)
        self._unpacked += found.size
        if found.size > most or self._unpacked > settings.IMPORT_MAX_UNPACKED_BYTES:
            sentence = gettext("This file is too large; {limit} are allowed.")
            raise FileRefused(sentence.format(limit=filesizeformat(most)))
        try:
            if found.member is None or self.archive is None:
                return base64.b64decode(found.letters)
            with self.archive.open(found.member) as member:
                return member.read(most)
        except _BROKEN as error:
            raise FileRefused(gettext("This file is damaged.")) from error

    def unused(self) -> Iterator[str]:
        """Yield the names of files that no conversation has named."""
        for path, _member in self._by_path:
            name = _base(path)
            if path not in self.used and not is_own(path) and not name.endswith((".md", ".html")):
                yield name


def is_own(path: str) -> bool:
    """Return whether the file tells of the account, not of a conversation."""
    return _base(path) in _OWN


def _base(path: str) -> str:
    return PurePosixPath(path).name


def _first(pair: tuple[str, zipfile.ZipInfo]) -> str:
    return pair[0]


EMPTY = Stock()
