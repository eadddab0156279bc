"""Conversations from files of Parlor and of other services become somebody's own."""

from typing import Any

from django.core.files import File
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.chat.conversations import organize
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.transfers.imports import formats
from apps.chat.transfers.imports.archive_files import EMPTY, Stock
from apps.chat.transfers.imports.attachments import make_attachments
from apps.chat.transfers.imports.conversation import Conversation as Read
from apps.chat.transfers.imports.conversation import title_of
from apps.chat.transfers.imports.reader import find_conversations
from apps.chat.transfers.imports.values import Unreadable, items, line
from apps.chat.transfers.progress import Progress, TransferFailed
from apps.chat.usage import text_quota
from apps.users.models import User

TITLE_CHARS = 100  # In the report.


def import_file(user: User, file: "File[bytes]", progress: Progress) -> None:
    """Store what the file holds and the person does not have, each conversation whole or not.

    What could not be read is noted in the progress. Raise TransferFailed, or GaveUp; what was
    stored stays.
    """
    is_empty = True
    stock = Stock()
    with file.open("rb") as source:
        for found in find_conversations(source, stock):
            progress(found.done, found.total)
            if found.projects:
                _count_project(found.data, progress)
                continue
            is_empty = False
            stock.folder = found.folder
            _import(user, found.data, stock, progress)
        if is_empty:
            raise TransferFailed("no_conversations")
        if unused := sum(1 for _ in stock.unused()):
            progress.note("unused_files", n=unused)


def _count_project(data: dict[str, Any] | None, progress: Progress) -> None:
    """Tell what a project holds besides its conversations: Parlor has no place for it."""
    documents = len(items((data or {}).get("docs")))
    if documents:
        progress.leave_out("project document", documents, line((data or {}).get("name")))
    if (data or {}).get("prompt_template"):
        progress.leave_out("project instructions", 1, line((data or {}).get("name")))


def _import(user: User, data: dict[str, Any] | None, stock: Stock, progress: Progress) -> None:
    title = line((data or {}).get("title") or (data or {}).get("name"), TITLE_CHARS)
    try:
        if data is None:
            raise Unreadable("unreadable")
        conversation = read(data, stock)
        if not conversation.messages:
            _report(conversation, title, progress)
            raise Unreadable("unknown" if conversation.left_out else "empty")
    except Unreadable as error:
        progress.note(error.code, title)
    else:
        is_new = _store(user, conversation, progress)
        progress.note("imported" if is_new else "known")
        if is_new:
            _report(conversation, title_of(conversation), progress)


def read(data: dict[str, Any], stock: Stock = EMPTY) -> Read:
    """Read a conversation in any form that is known here. Raise Unreadable."""
    form = formats.form_of(data)
    if form is None:
        raise Unreadable("unknown")
    return form(data, stock)


def _report(read: Read, title: str, progress: Progress) -> None:
    title = line(title, TITLE_CHARS)
    for code, n in (("odd_parts", read.odd), ("absent", read.absent)):
        if n:
            progress.note(code, title, n)
    if read.hidden:
        progress.note("hidden", n=read.hidden)
    for kind, n in read.left_out.items():
        progress.leave_out(kind, n, title)


def _store(user: User, read: Read, progress: Progress) -> bool:
    """Store the conversation, unless the person has it; return whether it was stored.

    Raise TransferFailed where there is no room for its text.
    """
    if user.conversations.filter(origin=read.origin).exists():
        return False
    texts = [text for each in read.messages for text in (each.content, each.reasoning)]
    size = text_quota.size_of(read.draft, *texts)
    try:
        text_quota.check(user.pk, size)
    except text_quota.TextFull as error:
        raise TransferFailed("text_full") from error
    made = make_attachments(user, read, progress)  # Before the transaction: others want to write.
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
                organize.tag(conversation, read.tags)
            _store_messages(conversation, read)
            for place, attachment in made:
                attachment.conversation, attachment.message = conversation, read.messages[place]
            Attachment.objects.bulk_create([attachment for _, attachment in made])
            size += text_quota.size_of(*(attachment.text for _, attachment in made))
            text_quota.add(user.pk, size)
    except IntegrityError:  # Another import was quicker.
        return False
    return True


def _store_messages(conversation: Conversation, read: Read) -> None:
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
