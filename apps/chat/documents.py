"""The text of files that people attach: of text files in any common encoding, and of PDFs."""

import codecs
import json
import math
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from apps.core.text import clean_text

_PROGRAM = Path(__file__).with_name("pdf_text.py")
# Controls that no text has, but tab, line ends, form feed and escape.
_BINARY = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # It begins as the next one does.
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class FileRefused(Exception):
    """A file that we cannot take; its text says so to the person."""


@dataclass(frozen=True, slots=True)
class Document:
    """What the model is given of a file."""

    text: str
    chars: int  # Of the whole text, as far as it was read.
    pages: int | None = None
    pages_read: int | None = None


def read_text(data: bytes) -> tuple[str, Document]:
    """Return the whole text of a text file, and what is given of it. Raise FileRefused."""
    whole = _decoded(data)
    if whole is None:
        raise FileRefused(
            gettext("This kind of file cannot be read here: only pictures, PDFs and text can.")
        )
    whole = clean_text(whole)
    if not whole.strip():
        raise FileRefused(gettext("This file is empty."))
    return whole, Document(whole[: settings.ATTACHMENT_MAX_CHARS], len(whole))


def read_pdf(data: bytes) -> Document:
    """Return what is given of a PDF. Raise FileRefused where it has no text that can be read."""
    found = _extracted(data)
    if found.get("error") == "password":
        raise FileRefused(gettext("This PDF is protected by a password."))
    if "error" in found:
        raise FileRefused(gettext("This PDF cannot be read: it is damaged, or not a PDF at all."))
    text = clean_text(found["text"]).strip()
    if not text:
        raise FileRefused(
            gettext("This PDF holds no text, only pictures of it. Attach pictures of its pages.")
        )
    given = text[: settings.ATTACHMENT_MAX_CHARS]
    return Document(given, len(text), found["pages"], found["pages_read"])


def _decoded(data: bytes) -> str | None:
    """Return the text, or None if it is none."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _tried(data, encoding)
    if b"\0" in data[:4096]:
        return _tried(data, _wide(data))
    return _tried(data, "utf-8") or _tried_western(data)


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _BINARY.search(text) else text


def _tried_western(data: bytes) -> str | None:
    """Read what Windows wrote before UTF-8: mostly plain letters, with accents here and there."""
    letters = sum(byte < 0x80 for byte in data[:4096])
    if letters < 0.7 * len(data[:4096]) or _BINARY.search(data.decode("latin-1")):
        return None
    return data.decode("cp1252", "replace")


def _wide(data: bytes) -> str:
    """Tell which half of each two bytes is the empty one in text without a mark."""
    return "utf-16-le" if data[1:4096:2].count(0) > data[:4096:2].count(0) else "utf-16-be"


def _extracted(data: bytes) -> dict[str, Any]:
    """Run pdf_text.py on the data: isolated, without our environment, and not for long."""
    seconds = settings.ATTACHMENT_PDF_SECONDS
    limits = settings.ATTACHMENT_PDF_PAGES, 10 * settings.ATTACHMENT_MAX_CHARS, math.ceil(seconds)
    command = [sys.executable, "-I", str(_PROGRAM), *map(str, limits)]
    try:
        done = subprocess.run(  # noqa: S603  # Ours, with numbers for arguments.
            command, input=data, capture_output=True, timeout=seconds, env={}, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefused(gettext("Reading this PDF takes too long.")) from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise FileRefused(
            gettext("This PDF cannot be read: it is damaged, or not a PDF at all.")
        ) from error
    found: dict[str, Any] = json.loads(done.stdout)
    return found
