"""Parlor's own form of a conversation, as JSON: all versions, nothing lost.

A file is one object:

    format      "parlor-conversation"
    version     1
    id          a UUID, the same wherever the conversation is imported
    title, created_at, updated_at
    draft       what was typed and not sent
    tags        the words under which it is kept, if any
                and, where they are set, the fields in SETTING_FIELDS
    messages    all messages of all versions; the one a message follows stands before it
    tip         the place of the last message of the branch that is shown

and a message is another: `parent`, the place in `messages` (from 0) of the message that it follows,
or null; `role`, "user" or "assistant"; `content`; `timestamp`; `attachments`, the names of files
that went with it, if any; `picture`, where the picture that a reply is lies in the archive of the
account; and of a reply, where there is something to say, the fields in
REPLY_FIELDS. Times are ISO 8601 in UTC. Unknown keys are counted, and left out,
and of a reply that is still being written the file has what there was, as "interrupted".
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from apps.chat.models import Conversation, Message
from apps.chat.transfers.exports.text import BATCH, gathered

FORMAT = "parlor-conversation"
VERSION = 1
SETTING_FIELDS = (
    "named_by_person",
    "is_pinned",
    "is_archived",
    "model",
    "temperature",
    "max_tokens",
    "system_prompt",
)
REPLY_FIELDS = (
    "state",
    "error",
    "retry_at",
    "reasoning",
    "refused",
    "sources",
    "model",
    "prompt_tokens",
    "completion_tokens",
    "tokens_estimated",
    "finished_at",
)


def json_pieces(conversation: Conversation) -> Iterator[str]:
    return gathered(_parts(conversation))


def _parts(conversation: Conversation) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "id": str(conversation.origin),
        "title": conversation.title,
        "created_at": written(conversation.created_at),
        "updated_at": written(conversation.updated_at),
        "draft": conversation.draft,
        **_set(conversation, SETTING_FIELDS),
    }
    if tags := [tag.name for tag in conversation.tags.all()]:
        head["tags"] = tags
    yield _dump(head)[:-1] + ',\n"messages": ['
    places: dict[int | None, int] = {}
    for message in _all_messages(conversation):
        yield (",\n" if places else "\n") + _dump(_fields(message, places.get(message.parent_id)))
        places[message.pk] = len(places)
    yield f'\n],\n"tip": {_dump(places.get(conversation.tip_id))}}}\n'


def _all_messages(conversation: Conversation) -> Iterator[Message]:
    last = 0
    messages = conversation.messages.select_related("picture").order_by("pk")
    messages = messages.prefetch_related("attachments")
    while batch := list(messages.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _fields(message: Message, parent: int | None) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "parent": parent,
        "role": message.role,
        "content": message.content,
        "timestamp": written(message.timestamp),
    }
    if names := [file.name for file in message.files]:
        fields["attachments"] = names
    if not message.is_reply:
        return fields
    if message.shown_picture:
        fields["picture"] = message.shown_picture.archive_name
    if message.is_in_progress:
        message.state, message.error = Message.State.INTERRUPTED, "restarted"
    return fields | _set(message, REPLY_FIELDS)


def _set(row: Conversation | Message, names: tuple[str, ...]) -> dict[str, Any]:
    """Return those of the fields that say something."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: written(value) if isinstance(value, datetime) else value
        for name, value in values.items()
        if value not in ("", None, []) and value is not False
    }


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
