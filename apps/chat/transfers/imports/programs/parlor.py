"""Conversations in Parlor's own form: json_format.py."""

import uuid
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipInfo

from django.utils.text import get_valid_filename

from apps.chat.context.system_prompt import MAX_CHARS as PROMPT_CHARS
from apps.chat.forms.organize import MAX_TAGS, TAG_MAX_CHARS
from apps.chat.models import Message
from apps.chat.models.attachments import NAME_CHARS
from apps.chat.placeholders import stand_in
from apps.chat.replies import failures
from apps.chat.replies.sources import read_sources
from apps.chat.transfers.exports.json import REPLY_FIELDS, SETTING_FIELDS, VERSION
from apps.chat.transfers.imports.archive_files import EMPTY, File, Stock
from apps.chat.transfers.imports.conversation import Conversation, Turn
from apps.chat.transfers.imports.values import (
    MODEL_CHARS,
    Unreadable,
    count,
    items,
    line,
    mapping,
    moment,
    number,
    paragraphs,
    text,
)
from apps.core.text import clean_name

ROLES = set(Message.Role.values)
_CONVERSATION = {"format", "version", "id", "title", "created_at", "updated_at", "draft", "tags"}
_CONVERSATION |= {"messages", "tip", *SETTING_FIELDS}
_MESSAGE = {"parent", "role", "content", "timestamp", "attachments", "picture", *REPLY_FIELDS}
FINAL = set(Message.State.values) - set(Message.IN_PROGRESS)


def read(data: dict[str, Any], stock: Stock = EMPTY) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    if data.get("version") != VERSION:
        raise Unreadable("newer")
    try:
        origin = uuid.UUID(data["id"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable("unknown") from error
    conversation = Conversation(
        origin=origin,
        title=line(data.get("title")),
        created_at=moment(data.get("created_at")),
        updated_at=moment(data.get("updated_at")),
        draft=text(data.get("draft")),
        settings=_settings(data),
        tags=_tags(data),
        stock=stock,
    )
    conversation.check("conversation", data, _CONVERSATION)
    places: dict[int, int] = {}  # By the place in the file; they differ after what is left out.
    files = _Files(stock)
    for place, fields in enumerate(items(data.get("messages"))):
        _take(conversation, place, mapping(fields), places, files)
    conversation.tip = _place(data.get("tip"), places)
    return conversation


def _settings(data: dict[str, Any]) -> dict[str, Any]:
    temperature = number(data.get("temperature"))
    return {
        "named_by_person": data.get("named_by_person") is True,
        "is_pinned": data.get("is_pinned") is True,
        "is_archived": data.get("is_archived") is True,
        "model": line(data.get("model"), MODEL_CHARS),
        "temperature": temperature if temperature is not None and temperature <= 2 else None,
        "max_tokens": count(data.get("max_tokens")) or None,
        "system_prompt": text(data.get("system_prompt"), PROMPT_CHARS),
    }


def _tags(data: dict[str, Any]) -> list[str]:
    """Return their names, each once, whatever its case."""
    names = [line(name, TAG_MAX_CHARS) for name in items(data.get("tags"))]
    return list({name.lower(): name for name in names if name}.values())[:MAX_TAGS]


class _Files:
    """The files of one conversation in the archive of an account, by what they are called."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._members: dict[str, list[ZipInfo]] = {}
        for member in stock.below(stock.folder) if stock.folder else ():
            name = PurePosixPath(member.filename).name
            self._members.setdefault(name.partition("-")[2], []).append(member)
        for same in self._members.values():
            same.sort(key=lambda member: (len(member.filename), member.filename), reverse=True)

    def next(self, name: str) -> File | None:
        """Return the first file of that name that has not been asked for."""
        members = self._members.get(get_valid_filename(f"0-{name}")[2:])
        if not members:
            return None
        return File(name, self._stock.take(members.pop()), f"[file: {name}]")


def _take(
    conversation: Conversation,
    place: int,
    fields: dict[str, Any],
    places: dict[int, int],
    files: _Files,
) -> None:
    role, parent = text(fields.get("role")), _place(fields.get("parent"), places)
    if role not in ROLES or (parent is None and fields.get("parent") is not None):
        conversation.odd += 1  # And so is all that follows it.
        return
    conversation.check("message", fields, _MESSAGE)
    turn = Turn([text(fields.get("content"))])
    _read_files(conversation, fields, files, turn)
    message = Message(role=role, content=paragraphs(turn.words))
    message.timestamp = moment(fields.get("timestamp"))  # type: ignore[assignment]
    if message.is_reply:
        _read_reply(message, fields)
    places[place] = conversation.add(parent, message, turn.files)


def _read_files(
    conversation: Conversation, fields: dict[str, Any], files: _Files, turn: Turn
) -> None:
    """Have the files go with the message; of those that are not there, it says the names."""
    for each in items(fields.get("attachments")):
        name = clean_name(text(each), NAME_CHARS)
        if found := files.next(name) if name else None:
            turn.files.append(found)
        elif name:
            conversation.absent += 1
            if stand_in(name.rpartition(".")[0]) not in turn.words[0]:
                turn.words.append(f"[file: {name}]")
    if picture := text(fields.get("picture")):  # Its words stand in the content, too.
        member = conversation.stock.find(picture)
        if member:
            turn.files.append(File(member.name, member, ""))
        else:
            conversation.absent += 1


def _place(value: Any, places: dict[int, int]) -> int | None:
    place = count(value)
    return None if place is None else places.get(place)


def _read_reply(message: Message, fields: dict[str, Any]) -> None:
    state = text(fields.get("state", Message.State.DONE))
    error = text(fields.get("error"))
    message.state = state if state in FINAL else Message.State.INTERRUPTED
    message.error = error if error in failures.FAILURES else ""
    message.retry_at = moment(fields.get("retry_at"))
    message.reasoning = text(fields.get("reasoning"))
    message.refused = fields.get("refused") is True
    message.sources = read_sources(fields.get("sources"))
    message.model = line(fields.get("model"), MODEL_CHARS)
    message.prompt_tokens = count(fields.get("prompt_tokens"))
    message.completion_tokens = count(fields.get("completion_tokens"))
    message.tokens_estimated = fields.get("tokens_estimated") is True
    message.finished_at = moment(fields.get("finished_at"))
