"""Mails: who wrote when about what, the text, and the names of what was attached."""

import email.policy
from email.message import EmailMessage
from typing import Any

from apps.chat.attachments.extraction.decoding import codec_of
from apps.chat.attachments.extraction.formats.page import decode_html
from apps.chat.attachments.extraction.markup import html_to_markdown
from apps.chat.attachments.extraction.results import Extract, Limits, Unreadable

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read(data: bytes, limits: Limits) -> Extract:
    mail = email.message_from_bytes(data, policy=email.policy.default)
    if not any(mail.get(name) for name in _HEADERS):
        raise Unreadable("damaged")
    lines = [f"{name}: {value}" for name in _HEADERS if (value := _header(mail, name))]
    body, notes = _body(mail)
    attached = [_name(part) for part in mail.iter_attachments()] if mail.is_multipart() else []
    lines += [f"Attached: {name} (not read)" for name in attached]
    notes["attached"] = len(attached)
    return Extract("\n".join([*lines, "", body.strip()])[: limits.chars], notes)


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name) or "").strip()
    except Exception:  # Headers that are none are many, and the parser trips over some.
        return ""


def _body(mail: EmailMessage) -> tuple[str, dict[str, Any]]:
    """Return the text, or that of the page where there is no other."""
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return "", {}
    payload: Any = part.get_payload(decode=True)
    label = str(part.get_content_charset() or "")
    text, notes = decode_html(payload or b"", codec_of(label) if label else None)
    return (html_to_markdown(text) if part.get_content_subtype() == "html" else text), notes


def _name(part: EmailMessage) -> str:
    return part.get_filename() or f"a part of type {part.get_content_type()}"
