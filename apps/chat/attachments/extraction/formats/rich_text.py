"""RTF: its text."""

from typing import Any

from apps.chat.attachments.extraction.results import Extract, Limits, Unreadable


def read(data: bytes, limits: Limits) -> Extract:
    from striprtf import striprtf

    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("damaged")
    reader: Any = striprtf
    text = reader.rtf_to_text(data.decode("latin-1"), errors="replace")
    notes = {"pictures": data.count(b"\\pict"), "unreadable": text.count("\ufffd")}
    return Extract(text.strip()[: limits.chars], notes)
