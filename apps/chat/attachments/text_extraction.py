"""The text of attached files: what evidently is text is read here, all else in a process apart."""

import json
import math
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from apps.chat.attachments.document_formats import PDF, Format, is_locked, is_old
from apps.chat.attachments.extraction.decoding import decode_evident, is_binary
from apps.core.text import clean_text

_PROGRAM = Path(__file__).parent / "extraction" / "worker.py"


class FileRefused(Exception):
    """A file that we cannot take; its text says so to the person."""


@dataclass(frozen=True, slots=True)
class Document:
    """What the model is given of a file."""

    text: str
    chars: int  # Of the whole text, as far as it was read.
    pages: int | None = None
    pages_read: int | None = None
    reading: dict[str, Any] = field(default_factory=dict)  # See reading_notes.py.


def read_text(data: bytes) -> tuple[str, Document]:
    """Return the whole text of a text file, and what is given of it. Raise FileRefused."""
    if is_old(data) or is_locked(data):
        raise FileRefused(_refusal("password" if is_locked(data) else "old"))
    whole, reading = _decoded(data)
    whole = clean_text(whole)
    if not whole.strip():
        raise FileRefused(gettext("This file is empty."))
    given = whole[: settings.ATTACHMENT_MAX_CHARS]
    return whole, Document(given, len(whole), reading=reading)


def read_document(data: bytes, format: Format) -> Document:
    """Return what is given of a document. Raise FileRefused where it has no text to be read."""
    if format is not PDF and (is_old(data) or is_locked(data)):
        raise FileRefused(_refusal("password" if is_locked(data) else "old"))
    found = _extracted(data, format.reader)
    if "error" in found:
        raise FileRefused(_refusal(found["error"], format))
    text = clean_text(found["text"]).strip()
    if not text:
        raise FileRefused(_refusal("empty", format))
    given = text[: settings.ATTACHMENT_MAX_CHARS]
    return Document(given, len(text), found["pages"], found["pages_read"], found["notes"])


def _decoded(data: bytes) -> tuple[str, dict[str, Any]]:
    """Return the text, and what is to be said of how it was decoded. Raise FileRefused."""
    if evident := decode_evident(data):
        notes = {"encoding": evident.encoding, "unreadable": evident.unreadable}
        return evident.text, {name: value for name, value in notes.items() if value}
    found: dict[str, Any] = {"error": "binary"}
    if not is_binary(data):
        found = _extracted(data, "text")
    if "error" in found:
        raise FileRefused(_refusal(found["error"]))
    return found["text"], found["notes"]


def _refusal(reason: str, format: Format | None = None) -> str:
    """Return the sentence that says why there is no text."""
    if format is PDF:
        if reason == "password":
            return gettext("This PDF is protected by a password.")
        if reason == "empty":
            return gettext(
                "This PDF holds no text, only pictures of it. Attach pictures of its pages."
            )
        if reason != "time":
            return gettext("This PDF cannot be read: it is damaged, or not a PDF at all.")
    sentences = {
        "binary": gettext(
            "This kind of file cannot be read here: only pictures, PDFs, office documents, "
            "e-books, web pages, mails and text can."
        ),
        "old": gettext(
            "This is a document of an old kind. Open it in the program that wrote it, save it as "
            "DOCX, XLSX, PPTX or PDF, and attach that."
        ),
        "password": gettext("This file is protected by a password."),
        "large": gettext("This document cannot be read: it is too large when it is unpacked."),
        "empty": gettext("This document holds no text."),
        "time": gettext("Reading this file takes too long."),
    }
    damaged = gettext("This file cannot be read: it is damaged, or not what its name says.")
    return sentences.get(reason, damaged)


def _extracted(data: bytes, reader: str) -> dict[str, Any]:
    """Run the reader on the data: isolated, without our environment, and not for long."""
    seconds = settings.ATTACHMENT_SECONDS
    limits = settings.ATTACHMENT_PAGES, 10 * settings.ATTACHMENT_MAX_CHARS, math.ceil(seconds)
    command = [sys.executable, "-I", str(_PROGRAM), reader, *map(str, limits)]
    try:
        done = subprocess.run(  # noqa: S603  # Ours, with numbers for arguments.
            command, input=data, capture_output=True, timeout=seconds, env={}, check=True
        )
    except subprocess.TimeoutExpired:
        return {"error": "time"}
    except (OSError, subprocess.CalledProcessError):
        return {"error": "damaged"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found
