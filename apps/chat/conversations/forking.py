"""A conversation that begins with the messages of another one."""

import re

from django.db import connection, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from apps.chat.attachments.services import copy_attachments
from apps.chat.conversations.services import ReplyInProgress
from apps.chat.message_tree import branch_ids
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.usage import limits, text_quota
from apps.core.exceptions import Refused

# Of each message its own are: its row, its place, the form that sent it, and the run that wrote it.
_OWN = {
    "id",
    "conversation_id",
    "parent_id",
    "key",
    "run_id",
    "lease_until",
    "first_seen",
}
_COPIED = [str(field.column) for field in Message._meta.concrete_fields if field.column not in _OWN]

_STEERING = ("model", "temperature", "max_tokens", "system_prompt")

MOST_BYTES = 5_000_000  # Of one copy: others wait to write meanwhile.

_BRANCH = """
WITH RECURSIVE branch(id, parent_id) AS (
    SELECT id, parent_id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id FROM chat_message m JOIN branch ON m.id = branch.parent_id
)
"""
_SIZE = "{branch}SELECT SUM({total}) FROM chat_message WHERE id IN (SELECT id FROM branch)"

# The text never leaves the database: a long conversation is copied without being loaded.
_COPY = """{branch}
INSERT INTO chat_message (conversation_id, {columns})
SELECT %s, {columns} FROM chat_message WHERE id IN (SELECT id FROM branch) ORDER BY id
"""

# The copy has no versions, so each message follows the one before it.
_CHAIN = """
UPDATE chat_message SET parent_id = chain.previous
FROM (
    SELECT id, LAG(id) OVER (ORDER BY id) AS previous FROM chat_message WHERE conversation_id = %s
) AS chain
WHERE chat_message.id = chain.id
"""


class TooLong(Refused):
    """What is to be copied is more than one request may cost."""

    status = 422

    @property
    def sentence(self) -> str:
        return gettext(
            "What led to this message is more than {limit}, too much to be copied."
            " Begin a new chat, with what matters of it."
        ).format(limit=filesizeformat(MOST_BYTES))


def fork_within_limits(message: Message) -> Conversation:
    """Fork at the pace, and in the room, that the person has.

    Raise TooLong, TextFull or LimitReached, and what fork() raises.
    """
    with transaction.atomic():
        limits.check_pace(message.conversation.user)
        _take_room(message)
        return fork(message)


def fork(message: Message) -> Conversation:
    """Copy the branch up to the message into a new conversation, which is returned.

    Raise ReplyInProgress if the message is still being written.
    """
    if message.is_in_progress:
        raise ReplyInProgress
    original = message.conversation
    with transaction.atomic():
        title = _next_title(original.title)
        steering = {name: getattr(original, name) for name in _STEERING}
        copy = Conversation.objects.create(user_id=original.user_id, title=title, **steering)
        _copy_branch(message, copy)
        _copy_files(message, copy)
        copy.tip = copy.messages.latest("pk")
        copy.save(update_fields=["tip"])
    return copy


def _take_room(message: Message) -> None:
    """Count what the copy will take, before anything is copied."""
    with connection.cursor() as cursor:
        size = "LENGTH(CAST({0} AS BLOB))" if connection.vendor == "sqlite" else "OCTET_LENGTH({0})"
        total = " + ".join(size.format(name) for name in ("content", "reasoning"))
        cursor.execute(_SIZE.format(branch=_BRANCH, total=total), [message.pk])
        [more] = cursor.fetchone()
    files = Attachment.objects.filter(conversation=message.conversation_id)
    more = int(more or 0) + text_quota.size_in(files, "text")
    if more > MOST_BYTES:
        raise TooLong
    text_quota.check(message.conversation.user_id, more)
    text_quota.add(message.conversation.user_id, more)


def _copy_branch(message: Message, copy: Conversation) -> None:
    columns = ", ".join(connection.ops.quote_name(column) for column in _COPIED)
    with connection.cursor() as cursor:
        cursor.execute(_COPY.format(branch=_BRANCH, columns=columns), [message.pk, copy.pk])
        cursor.execute(_CHAIN, [copy.pk])


def _copy_files(message: Message, copy: Conversation) -> None:
    """Give the copies the files of their originals; the two stand in the same order."""
    attached = Message.objects.filter(conversation=message.conversation_id)
    with_files = set(attached.exclude(attachments=None).values_list("pk", flat=True))
    if not with_files:
        return
    copies = copy.messages.order_by("pk").values_list("pk", flat=True)
    pairs = zip(branch_ids(message.pk), copies, strict=True)
    wanted = {pk: other for pk, other in pairs if pk in with_files}
    rows = Message.objects.select_related("conversation").in_bulk([*wanted, *wanted.values()])
    for pk, other in wanted.items():
        copy_attachments(rows[pk], rows[other])


def _next_title(title: str) -> str:
    """Number the title: “Tides” becomes “Tides (2)”, and that “Tides (3)”."""
    match = re.fullmatch(r"(.*) \((\d{1,6})\)", title, re.DOTALL)
    name, number = (match[1], int(match[2]) + 1) if match else (title, 2)
    ending = f" ({number})"
    room = (Conversation._meta.get_field("title").max_length or 0) - len(ending)
    return name[:room].rstrip() + ending
