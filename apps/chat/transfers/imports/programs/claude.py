"""Conversations of Claude's export: a list of messages with content blocks and attachments."""

from typing import Any

from apps.chat.models import Message
from apps.chat.transfers.imports.archive_files import EMPTY, Stock
from apps.chat.transfers.imports.conversation import (
    EMPTY_QUESTION,
    EMPTY_REPLY,
    Conversation,
    Turn,
    message_of,
    new_conversation,
)
from apps.chat.transfers.imports.markup import Document
from apps.chat.transfers.imports.programs.claude_blocks import read_blocks, without_tags
from apps.chat.transfers.imports.values import items, mapping, names, paragraphs, text

_ROLES = {"human": Message.Role.USER, "assistant": Message.Role.ASSISTANT}
_CONVERSATION = names(
    "uuid name created_at updated_at account chat_messages current_leaf_message_uuid project"
    " project_uuid model settings is_starred is_temporary platform"
)
_MESSAGE = names(
    "uuid text content sender created_at updated_at attachments files files_v2 sync_sources"
    " parent_message_uuid index truncated stop_reason model input_mode"
)
_ATTACHMENT = {"id", "file_name", "file_size", "file_type", "extracted_content", "created_at"}
_FILE = names(
    "file_name file_uuid uuid file_kind created_at thumbnail_url preview_url thumbnail_asset"
    " preview_asset size_bytes path success file_size file_type document_asset id"
)


def read(data: dict[str, Any], stock: Stock = EMPTY) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    times = {"created_at": data.get("created_at"), "updated_at": data.get("updated_at")}
    name, title = data.get("uuid"), data.get("name")
    conversation = new_conversation("claude", name, title, stock, **times)
    conversation.check("conversation", data, _CONVERSATION)
    places: dict[str, int | None] = {}  # By the ids of messages.
    documents: dict[str, Document] = {}
    last: int | None = None
    for each in items(data.get("chat_messages")):
        fields = mapping(each)
        # Older files name no parents: there, each message follows the one before.
        parent = places.get(text(fields.get("parent_message_uuid")), last)
        last = _take(conversation, fields, parent, documents)
        places[text(fields.get("uuid"))] = last
    leaf = text(data.get("current_leaf_message_uuid"))
    conversation.tip = places.get(leaf, last)
    return conversation


def _take(
    conversation: Conversation,
    fields: dict[str, Any],
    parent: int | None,
    documents: dict[str, Document],
) -> int | None:
    role = _ROLES.get(text(fields.get("sender")))
    if role is None:
        conversation.odd += 1
        return parent
    conversation.check("message", fields, _MESSAGE)
    turn = Turn()
    read_blocks(conversation, fields.get("content"), turn, documents)
    if not items(fields.get("content")):
        without_tags(text(fields.get("text")), turn)
    _read_files(conversation, fields, turn)
    words = paragraphs(part.strip() for part in turn.words)
    if role == Message.Role.USER:  # Who asks has no thoughts: nothing of it may vanish.
        words = paragraphs([words, *turn.thoughts])
    if not words and not turn.files:
        words = EMPTY_QUESTION if role == Message.Role.USER else EMPTY_REPLY
    message = message_of(role, words, fields.get("created_at"), fields.get("model"))
    if message.is_reply:
        message.reasoning = paragraphs(turn.thoughts)
    return conversation.add(parent, message, turn.files)


def _read_files(conversation: Conversation, fields: dict[str, Any], turn: Turn) -> None:
    for attachment in map(mapping, items(fields.get("attachments"))):
        name = text(attachment.get("file_name"), 255) or "?"
        extracted = text(attachment.get("extracted_content"))
        conversation.check("attachment", attachment, _ATTACHMENT)
        if extracted:
            turn.words.append(f"[File: {name}]\n\n{extracted}")
        else:
            conversation.file(turn, name, attachment.get("id") or name)
    named: set[str] = set()
    for key in ("files", "files_v2"):  # The second repeats the first.
        for file in map(mapping, items(fields.get(key))):
            conversation.check("file", file, _FILE)
            name = text(file.get("file_name"), 255)
            number = text(file.get("file_uuid")) or text(file.get("uuid")) or name
            if number not in named:
                conversation.file(turn, name, number)
            named.add(number)
    if synced := items(fields.get("sync_sources")):
        conversation.leave_out("sync_sources", len(synced))
