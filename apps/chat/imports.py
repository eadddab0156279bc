"""Conversations from Parlor's, ChatGPT's and Claude's files become somebody's own."""

from typing import Any

from django.core.files import File
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.chat import (
    arranging,
    import_chatgpt,
    import_claude,
    import_parlor,
    import_values,
    json_format,
)
from apps.chat.import_files import find_conversations
from apps.chat.import_values import Unreadable, title_of
from apps.chat.models import Conversation, Message
from apps.chat.progress import Progress, TransferFailed
from apps.users.models import User


def import_file(user: User, file: "File[bytes]", progress: Progress) -> None:
    """Store what the file holds and the person does not have, each conversation whole or not.

    What could not be read is noted in the progress. Raise TransferFailed, or GaveUp; what was
    stored stays.
    """
    is_empty = True
    with file.open("rb") as source:
        for found in find_conversations(source):
            is_empty = False
            progress(found.done, found.total)
            _import(user, found.data, progress)
    if is_empty:
        raise TransferFailed("no_conversations")


def _import(user: User, data: dict[str, Any] | None, progress: Progress) -> None:
    title = import_values.text((data or {}).get("title") or (data or {}).get("name"), 100)
    try:
        if data is None:
            raise Unreadable("unreadable")
        conversation = _read(data)
        if conversation.odd:
            progress.note("odd_parts", title, conversation.odd)
        if not conversation.messages:
            raise Unreadable("empty")
    except Unreadable as error:
        progress.note(error.code, title)
    else:
        progress.note("imported" if _store(user, conversation) else "known")


def _read(data: dict[str, Any]) -> import_values.Conversation:
    if data.get("format") == json_format.FORMAT:
        return import_parlor.read(data)
    if isinstance(data.get("mapping"), dict):
        return import_chatgpt.read(data)
    if isinstance(data.get("chat_messages"), list):
        return import_claude.read(data)
    raise Unreadable("unknown")


def _store(user: User, read: import_values.Conversation) -> bool:
    """Store the conversation, unless the person has it; tell whether it was stored."""
    if user.conversations.filter(origin=read.origin).exists():
        return False
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                user=user,
                title=title_of(read),
                draft=read.draft,
                origin=read.origin,
                **read.settings,
            )
            if read.tags:
                arranging.tag(conversation, read.tags)
            _store_messages(conversation, read)
    except IntegrityError:  # Another import was quicker.
        return False
    return True


def _store_messages(conversation: Conversation, read: import_values.Conversation) -> None:
    """Store the messages in their order, then what creating a row would not let us say."""
    now = timezone.now()
    times = [message.timestamp for message in read.messages]
    for message in read.messages:
        message.conversation = conversation
    messages = Message.objects.bulk_create(read.messages, batch_size=500)
    time = read.created_at or next(filter(None, times), now)
    for message, given, parent in zip(messages, times, read.parents, strict=True):
        message.timestamp = time = given or time
        message.parent = None if parent is None else messages[parent]
    _write_places(messages)
    tip = messages[-1 if read.tip is None else read.tip]
    created_at = read.created_at or messages[0].timestamp
    Conversation.objects.filter(pk=conversation.pk).update(
        tip=tip, created_at=created_at, updated_at=read.updated_at or tip.timestamp
    )


def _write_places(messages: list[Message]) -> None:
    """Write when each was said and after which: bulk_update() takes a hundred times longer."""
    written = connection.ops.adapt_datetimefield_value
    rows = [(message.parent_id, written(message.timestamp), message.pk) for message in messages]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_message SET parent_id = %s, timestamp = %s WHERE id = %s", rows
        )
