"""Conversations of Claude's export: a list of messages with content blocks and attachments."""

from typing import Any

from apps.chat.import_values import Conversation, items, mapping, moment, new_conversation, text
from apps.chat.models import Message

_ROLES = {"human": Message.Role.USER, "assistant": Message.Role.ASSISTANT}


def read(data: dict[str, Any]) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    conversation = new_conversation("claude", data.get("uuid"), data.get("name"))
    conversation.created_at = moment(data.get("created_at"))
    conversation.updated_at = moment(data.get("updated_at"))
    places: dict[str, int | None] = {}  # By the ids of messages.
    last: int | None = None
    for each in items(data.get("chat_messages")):
        fields = mapping(each)
        # Older files name no parents: there, each message follows the one before.
        parent = places.get(text(fields.get("parent_message_uuid")), last)
        last = _take(conversation, fields, parent)
        places[text(fields.get("uuid"))] = last
    leaf = text(data.get("current_leaf_message_uuid"))
    conversation.tip = places.get(leaf, last)
    return conversation


def _take(conversation: Conversation, fields: dict[str, Any], parent: int | None) -> int | None:
    role = _ROLES.get(text(fields.get("sender")))
    if role is None:
        conversation.odd += 1
        return parent
    words, thoughts = _content(fields)
    if not words and not thoughts:
        return parent
    message = Message(role=role, content=words)
    message.timestamp = moment(fields.get("created_at"))  # type: ignore[assignment]
    if message.is_reply:
        message.reasoning = thoughts
    return conversation.add(parent, message)


def _content(fields: dict[str, Any]) -> tuple[str, str]:
    """Return the words of the message with its attachments, and its thoughts."""
    blocks = [mapping(block) for block in items(fields.get("content"))]
    said = [text(block.get("text")) for block in blocks if block.get("type") == "text"]
    thoughts = [text(block.get("thinking")) for block in blocks]
    words = "\n\n".join(filter(None, said)) or text(fields.get("text"))
    files = [mapping(file) for name in ("attachments", "files") for file in items(fields.get(name))]
    parts = [words.strip(), *map(_file, files)]
    return "\n\n".join(filter(None, parts)), "\n\n".join(filter(None, thoughts))


def _file(file: dict[str, Any]) -> str:
    name = text(file.get("file_name"), 255) or "?"
    extracted = text(file.get("extracted_content"))
    return f"[File: {name}]\n\n{extracted}" if extracted else f"[File: {name}]"
