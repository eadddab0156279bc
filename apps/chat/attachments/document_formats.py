"""The kinds of documents that can be read, and how a file is recognised as one."""

import re
from dataclasses import dataclass

from apps.chat.models import Attachment

_HEAD = 1024  # Bytes.
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Of the files that Office wrote until 2003.
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_WHOLE_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_TEMPLATE = re.compile(rb"\{[{%]|<\?php|<%")
_MAIL_HEADERS = re.compile(rb"^(From|Date|Subject|Received|Return-Path|MIME-Version):", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Format:
    reader: str  # The module of extraction/ that reads it.
    suffixes: tuple[str, ...]
    part: bytes = b""  # What an archive of this kind has in it.
    kind: str = Attachment.Kind.OFFICE
    content_type: str = "application/octet-stream"  # It is saved, and opened elsewhere.

    @property
    def stored_suffix(self) -> str:
        return "txt" if self.kind == Attachment.Kind.TEXT else self.suffixes[0].removeprefix(".")


PDF = Format("pdf", (".pdf",), kind=Attachment.Kind.PDF, content_type="application/pdf")
WORD = Format("word", (".docx", ".docm", ".dotx"), b"word/document")
SHEETS = Format("sheets", (".xlsx", ".xlsm", ".xltx", ".xlsb"), b"xl/workbook")
SLIDES = Format("slides", (".pptx", ".pptm", ".ppsx", ".potx"), b"ppt/presentation")
OPEN_DOCUMENT = Format(
    "opendocument",
    (".odt", ".ods", ".odp", ".ott", ".ots", ".otp"),
    b"mimetypeapplication/vnd.oasis.opendocument.",
)
BOOK = Format("book", (".epub",), b"mimetypeapplication/epub+zip")
MAIL = Format("mail", (".eml",))
RICH_TEXT = Format("rich_text", (".rtf",))
# Its markup is kept as text: nobody's browser shall run it.
PAGE = Format(
    "page", (".html", ".htm", ".xhtml"), kind=Attachment.Kind.TEXT, content_type="text/plain"
)

_ARCHIVES = (WORD, SHEETS, SLIDES, OPEN_DOCUMENT, BOOK)
FORMATS = (PDF, *_ARCHIVES, MAIL, RICH_TEXT, PAGE)
OLD_SUFFIXES = (".doc", ".xls", ".ppt", ".msg")


def format_of(suffix: str, data: bytes) -> Format | None:
    """Return what kind of document the file is, or None: a text, or nothing that we know.

    What is in the file counts for more than its name.
    """
    head = data[:_HEAD]
    if suffix == ".pdf" or head.startswith(b"%PDF-"):
        return PDF
    if data.startswith(_ZIP):
        inside = (each for each in _ARCHIVES if each.part in data)
        return next(inside, None) or _named(suffix, _ARCHIVES)
    if data.lstrip()[:5] == b"{\\rtf":
        return RICH_TEXT
    if suffix in MAIL.suffixes and _MAIL_HEADERS.search(head):
        return MAIL
    is_page = suffix in PAGE.suffixes and _WHOLE_PAGE.search(head) and not _TEMPLATE.search(data)
    return PAGE if is_page else _named(suffix, _ARCHIVES)


def is_old(data: bytes) -> bool:
    """Return whether Office wrote the file, before it wrote what can be read here."""
    return data.startswith(_OLD) and _LOCKED not in data


def is_locked(data: bytes) -> bool:
    """Return whether the file is one of Office's that a password opens."""
    return data.startswith(_OLD) and _LOCKED in data


def _named(suffix: str, formats: tuple[Format, ...]) -> Format | None:
    return next((each for each in formats if suffix in each.suffixes), None)
