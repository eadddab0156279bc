"""Values from somebody's file, taken for what they are, or for nothing."""

import math
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from apps.core.text import boundary, clean_text

MODEL_CHARS = 200
TITLE_CHARS = 200

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_LINE_ENDS = re.compile("[\n\r\t\v\f\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


class Unreadable(Exception):
    """Part of a file is no conversation; the code is one of transfer_words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text(value: Any, limit: int | None = None) -> str:
    """Return the text as it may be stored; what is longer than the limit is cut."""
    if not isinstance(value, str):
        return ""
    words = clean_text(value)
    return words[: boundary(words, limit)] if limit and len(words) > limit else words


def line(value: Any, limit: int = TITLE_CHARS) -> str:
    """Return a name on one line, as one that somebody has typed."""
    lines = _LINE_ENDS.split(text(value)[: limit * 20])
    words = " ".join(filter(None, (_CONTROLS.sub("", each).strip() for each in lines)))
    return words[: boundary(words, limit)] if len(words) > limit else words


def moment(value: Any) -> datetime | None:
    """Return the time that is given as ISO 8601, or as seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            read = parse_datetime(value[:64])
        elif (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        ):
            read = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    if read is None:
        return None
    read = read if read.tzinfo else read.replace(tzinfo=UTC)
    return read if _EARLIEST <= read <= _LATEST else None


def count(value: Any) -> int | None:
    """Return the number, if every database can hold it."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return value if is_count else None


def number(value: Any) -> float | None:
    """Return the number, if it is one, and not below 0."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < math.inf else None


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def names(words: str) -> frozenset[str]:
    """Return the names of fields that stand in one text."""
    return frozenset(words.split())


def identifier(service: str, name: Any) -> uuid.UUID:
    """Return what a conversation of another service is known by. Raise Unreadable."""
    if not isinstance(name, str) or not name:
        raise Unreadable("unknown")
    return uuid.uuid5(_NAMESPACE, f"{service} {clean_text(name)}")


_NAMESPACE = uuid.UUID("7b0f3f4e-6a57-4c1b-9d0c-4f0a5a2b8f11")  # For the ids of other services.
