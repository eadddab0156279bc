"""Conversations in Parlor's own form: json_format.py."""

import uuid
from typing import Any

from apps.chat import errors
from apps.chat.import_values import Conversation, Unreadable, count, items, mapping, moment, text
from apps.chat.json_format import VERSION
from apps.chat.models import Message
from apps.chat.models.attachments import NAME_CHARS

ROLES = set(Message.Role.values)
MOST_FILES = 100  # Named of one message.
FINAL = set(Message.State.values) - set(Message.IN_PROGRESS)


def read(data: dict[str, Any]) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    if data.get("version") != VERSION:
        raise Unreadable("newer")
    try:
        origin = uuid.UUID(data["id"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable("unknown") from error
    conversation = Conversation(
        origin=origin,
        title=text(data.get("title"), 200),
        created_at=moment(data.get("created_at")),
        updated_at=moment(data.get("updated_at")),
        draft=text(data.get("draft")),
    )
    places: dict[int, int] = {}  # By the place in the file; they differ after what is left out.
    for number, fields in enumerate(items(data.get("messages"))):
        _take(conversation, number, mapping(fields), places)
    conversation.tip = _place(data.get("tip"), places)
    return conversation


def _take(
    conversation: Conversation, number: int, fields: dict[str, Any], places: dict[int, int]
) -> None:
    role, parent = text(fields.get("role")), _place(fields.get("parent"), places)
    if role not in ROLES or (parent is None and fields.get("parent") is not None):
        conversation.odd += 1  # And so is all that follows it.
        return
    message = Message(role=role, content=_content(fields))
    message.timestamp = moment(fields.get("timestamp"))  # type: ignore[assignment]
    if message.is_reply:
        _read_reply(message, fields)
    places[number] = conversation.add(parent, message)


def _content(fields: dict[str, Any]) -> str:
    """Return what was said; of the files that went with it there are only names."""
    names = [text(name, NAME_CHARS) for name in items(fields.get("attachments"))[:MOST_FILES]]
    parts = [text(fields.get("content")), *(f"[file: {name}]" for name in names if name)]
    return "\n\n".join(part for part in parts if part)


def _place(value: Any, places: dict[int, int]) -> int | None:
    number = count(value)
    return None if number is None else places.get(number)


def _read_reply(message: Message, fields: dict[str, Any]) -> None:
    state = text(fields.get("state", Message.State.DONE))
    error = text(fields.get("error"))
    message.state = state if state in FINAL else Message.State.INTERRUPTED
    message.error = error if error in errors.FAILURES else ""
    message.retry_at = moment(fields.get("retry_at"))
    message.reasoning = text(fields.get("reasoning"))
    message.refused = fields.get("refused") is True
    message.model = text(fields.get("model"), 200)
    message.prompt_tokens = count(fields.get("prompt_tokens"))
    message.completion_tokens = count(fields.get("completion_tokens"))
    message.tokens_estimated = fields.get("tokens_estimated") is True
    message.finished_at = moment(fields.get("finished_at"))
