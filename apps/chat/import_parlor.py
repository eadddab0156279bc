"""Conversations in Parlor's own form: json_format.py."""

import uuid
from typing import Any

from apps.chat import errors
from apps.chat.arranging_forms import MAX_TAGS, TAG_MAX_CHARS, on_one_line
from apps.chat.import_values import (
    Conversation,
    Unreadable,
    count,
    items,
    mapping,
    moment,
    number,
    text,
)
from apps.chat.json_format import VERSION
from apps.chat.models import Message
from apps.chat.models.attachments import NAME_CHARS
from apps.chat.prompts import MAX_CHARS as PROMPT_CHARS

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
        settings=_settings(data),
        tags=_tags(data),
    )
    places: dict[int, int] = {}  # By the place in the file; they differ after what is left out.
    for place, fields in enumerate(items(data.get("messages"))):
        _take(conversation, place, mapping(fields), places)
    conversation.tip = _place(data.get("tip"), places)
    return conversation


def _settings(data: dict[str, Any]) -> dict[str, Any]:
    temperature = number(data.get("temperature"))
    return {
        "named_by_person": data.get("named_by_person") is True,
        "is_pinned": data.get("is_pinned") is True,
        "is_archived": data.get("is_archived") is True,
        "model": text(data.get("model"), 200),
        "temperature": temperature if temperature is not None and temperature <= 2 else None,
        "max_tokens": count(data.get("max_tokens")) or None,
        "system_prompt": text(data.get("system_prompt"), PROMPT_CHARS),
    }


def _tags(data: dict[str, Any]) -> list[str]:
    """Return their names, each once, whatever its case."""
    names = [on_one_line(text(name, TAG_MAX_CHARS)) for name in items(data.get("tags"))]
    return list({name.lower(): name for name in names if name}.values())[:MAX_TAGS]


def _take(
    conversation: Conversation, place: int, fields: dict[str, Any], places: dict[int, int]
) -> None:
    role, parent = text(fields.get("role")), _place(fields.get("parent"), places)
    if role not in ROLES or (parent is None and fields.get("parent") is not None):
        conversation.odd += 1  # And so is all that follows it.
        return
    message = Message(role=role, content=_content(fields))
    message.timestamp = moment(fields.get("timestamp"))  # type: ignore[assignment]
    if message.is_reply:
        _read_reply(message, fields)
    places[place] = conversation.add(parent, message)


def _content(fields: dict[str, Any]) -> str:
    """Return what was said; of the files that went with it there are only names."""
    names = [text(name, NAME_CHARS) for name in items(fields.get("attachments"))[:MOST_FILES]]
    parts = [text(fields.get("content")), *(f"[file: {name}]" for name in names if name)]
    return "\n\n".join(part for part in parts if part)


def _place(value: Any, places: dict[int, int]) -> int | None:
    place = count(value)
    return None if place is None else places.get(place)


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
