"""Values from somebody's file, taken for what they are, or for nothing."""

import math
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime

from apps.chat.models import TITLE_CHARS, Message, make_title
from apps.core.text import clean_text

MOST_MESSAGES = 50_000  # In one conversation.

_NAMESPACE = uuid.UUID("7b0f3f4e-6a57-4c1b-9d0c-4f0a5a2b8f11")  # For the ids of other services.
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Unreadable(Exception):
    """Part of a file is no conversation; the code is one of transfer_words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Conversation:
    """A conversation that was read; nothing of it is stored yet."""

    origin: uuid.UUID
    title: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    draft: str = ""
    settings: dict[str, Any] = field(default_factory=dict)  # Fields of the row.
    tags: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    parents: list[int | None] = field(default_factory=list)  # Places of earlier messages.
    tip: int | None = None
    odd: int = 0  # Parts that could not be read.

    def add(self, parent: int | None, message: Message) -> int:
        """Add the message after those it may follow; return its place."""
        if len(self.messages) == MOST_MESSAGES:
            raise Unreadable("too_many_messages")
        self.messages.append(message)
        self.parents.append(parent)
        return len(self.messages) - 1


def new_conversation(service: str, identifier: Any, title: Any) -> Conversation:
    """Begin a conversation of another service, known again by what it is called there."""
    if not isinstance(identifier, str) or not identifier:
        raise Unreadable("unknown")
    origin = uuid.uuid5(_NAMESPACE, f"{service} {clean_text(identifier)}")
    return Conversation(origin, " ".join(text(title, 200).split()))


def title_of(conversation: Conversation) -> str:
    """Return its title, or one from its first words."""
    if conversation.title.strip():
        return conversation.title
    first = next((message.content for message in conversation.messages if message.content), "")
    return make_title(first[: TITLE_CHARS * 20]) or "…"


def text(value: Any, limit: int | None = None) -> str:
    """Return the text as it may be stored; what is longer than the limit is cut."""
    if not isinstance(value, str):
        return ""
    return clean_text(value)[: limit or settings.CHAT_REPLY_MAX_CHARS]


def moment(value: Any) -> datetime | None:
    """Return the time that is given as ISO 8601, or as seconds since 1970."""
    try:
        if isinstance(value, str):
            read = parse_datetime(value[:64])
        elif (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        ):
            read = datetime.fromtimestamp(value, UTC)
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
