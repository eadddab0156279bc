"""A conversation is a tree of messages; a branch is the way from its root to one message."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet, prefetch_related_objects

from apps.chat.models import Conversation, Message, Summary
from apps.core.db.prepared_queries import Parameter, PreparedQuery

# Walks up from a message; the same SQL on SQLite and PostgreSQL.
_ANCESTORS = """
WITH RECURSIVE branch(id, parent_id, distance) AS (
    SELECT id, parent_id, 0 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, branch.distance + 1
    FROM chat_message m JOIN branch ON m.id = branch.parent_id
    WHERE branch.distance < %s
)
SELECT m.* FROM chat_message m JOIN branch ON m.id = branch.id ORDER BY branch.distance
"""

_ANCESTOR_IDS = """
WITH RECURSIVE branch(id, parent_id, distance) AS (
    SELECT id, parent_id, 0 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, branch.distance + 1
    FROM chat_message m JOIN branch ON m.id = branch.parent_id
)
SELECT id FROM branch ORDER BY distance DESC
"""

# Walks down from a message to everything said after it.
_DESCENDANTS = """
WITH RECURSIVE later(id) AS (
    SELECT id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id FROM chat_message m JOIN later ON m.parent_id = later.id
)
SELECT MAX(id) AS id FROM later
"""

# Walks up from a message to another, by ids alone: they grow along a branch.
_BETWEEN = """
WITH RECURSIVE branch(id, parent_id) AS (
    SELECT id, parent_id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id FROM chat_message m JOIN branch ON m.id = branch.parent_id
    WHERE m.id > %s
)
SELECT id FROM branch ORDER BY id
"""

# Walks up from a message, so many steps; ids grow along a branch.
_FIRST = """
WITH RECURSIVE branch(id, parent_id, distance) AS (
    SELECT id, parent_id, 1 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, branch.distance + 1
    FROM chat_message m JOIN branch ON m.id = branch.parent_id
    WHERE branch.distance < %s
)
SELECT MIN(id) FROM branch
"""

# Walks up from a message to the first at which a summary ends.
_SUMMARY = """
WITH RECURSIVE branch(id, parent_id) AS (
    SELECT id, parent_id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id FROM chat_message m JOIN branch ON m.id = branch.parent_id
    WHERE NOT EXISTS (
        SELECT 1 FROM chat_summary s WHERE s.up_to_id = branch.id AND s.text <> ''
    )
)
SELECT s.* FROM chat_summary s JOIN branch ON s.up_to_id = branch.id
WHERE s.text <> '' ORDER BY s.id DESC LIMIT 1
"""

# Walks up from the end of a branch to a message, which is older than what follows it; yields the
# message so many steps after it, or nothing where it lies on another branch.
_AFTER = """
WITH RECURSIVE branch(id, parent_id, distance) AS (
    SELECT id, parent_id, 0 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, branch.distance + 1
    FROM chat_message m JOIN branch ON m.id = branch.parent_id
    WHERE branch.id > %s
)
SELECT id FROM branch
WHERE distance >= (SELECT distance FROM branch WHERE id = %s) - %s
ORDER BY distance LIMIT 1
"""

PAGE = 50  # Messages read at once on the way up.


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the branch that is shown, and its place among its versions."""

    message: Message
    version: int
    versions: int
    previous_id: int | None
    next_id: int | None
    left_out: list[int]  # Ids of files that the model no longer sees.


def ancestors(message_id: int | None, limit: int) -> Iterator[Message]:
    """Yield the message and those before it, newest first, at most `limit` of them."""
    if message_id is not None:
        yield from Message.objects.raw(_ANCESTORS, [message_id, limit - 1])


def walk_up(message_id: int | None) -> Iterator[Message]:
    """Yield the message and all before it, newest first; read in pages, as far as wanted."""
    while message_id is not None:
        page = list(ancestors(message_id, PAGE))
        yield from page
        message_id = page[-1].parent_id if page else None


def ids_between(above: int, last_id: int) -> list[int]:
    """Return the ids that lead from the message `above`, not included, to the last one."""
    with connection.cursor() as cursor:
        cursor.execute(_BETWEEN, [last_id, above])
        return [pk for (pk,) in cursor.fetchall()]


def first_of_newest(tip_id: int | None, count: int) -> int | None:
    """Return the id of the first of the newest `count` messages of the branch with this tip."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [tip_id, count])
        first: int | None = cursor.fetchone()[0]
    return first


def nearest_summary(last_id: int) -> Summary | None:
    """Return the summary that reaches furthest in the branch that ends with this message."""
    return next(iter(Summary.objects.raw(_SUMMARY, [last_id])), None)


def branch_ids(message_id: int | None) -> list[int]:
    """Return the ids of all messages of the branch that ends with this one, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ANCESTOR_IDS, [message_id])
        return [pk for (pk,) in cursor.fetchall()]


def newest_descendant(message: Message) -> Message:
    """Return the message last said in the part of the tree that begins with this one."""
    newest: Message = Message.objects.raw(_DESCENDANTS, [message.pk])[0]
    return newest


def following(message: Message, tip_id: int | None, steps: int) -> int | None:
    """Return the message so many steps after this one, or the tip, whichever comes first.

    Return None if the branch that ends with the tip does not hold the message.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AFTER, [tip_id, message.pk, message.pk, steps])
        row = cursor.fetchone()
    return row[0] if row else None


def shown_branch(conversation: Conversation, last_id: int | None, limit: int) -> list[Shown]:
    """Return the messages that lead to `last_id`, oldest first, each with its versions."""
    messages = list(ancestors(last_id, limit))[::-1]
    prefetch_related_objects(messages, "attachments", "picture")
    return _placed(conversation, messages)


def shown_message(message: Message) -> Shown:
    """Return the message by itself, with its versions; nothing of it is read again."""
    if message.parent_id is None:
        versions = _beginnings(conversation=message.conversation_id)
    else:
        versions = _followers(parent=message.parent_id)
    return _place(message, versions, message.left_out if message.finished_at else [])


def just_asked(reply: Message) -> list[Shown]:
    """Return a new question and its new reply, which have no other versions."""
    messages = [reply.parent, reply] if reply.parent else [reply]
    return [Shown(message, 1, 1, None, None, []) for message in messages]


@PreparedQuery
def _beginnings() -> QuerySet[Message, int]:
    beginnings = Message.objects.filter(parent=None, conversation=Parameter("conversation"))
    return beginnings.order_by("pk").values_list("pk", flat=True)


@PreparedQuery
def _followers() -> QuerySet[Message, int]:
    followers = Message.objects.filter(parent=Parameter("parent"))
    return followers.order_by("pk").values_list("pk", flat=True)


def _versions(conversation: Conversation, messages: list[Message]) -> dict[int | None, list[int]]:
    """Return the ids of all versions, oldest first, by the message that they follow."""
    parents = [message.parent_id for message in messages]
    # By their parents alone: databases would else read the whole conversation.
    siblings = Q(parent__in=[parent for parent in parents if parent is not None])
    if None in parents:
        siblings |= Q(parent=None, conversation=conversation)
    versions: dict[int | None, list[int]] = {}
    rows = Message.objects.filter(siblings).values_list("parent_id", "pk").order_by("pk")
    for parent_id, pk in rows:
        versions.setdefault(parent_id, []).append(pk)
    return versions


def _placed(conversation: Conversation, messages: list[Message]) -> list[Shown]:
    versions = _versions(conversation, messages)
    left_out: list[int] = next((each.left_out for each in messages[::-1] if each.finished_at), [])
    return [_place(message, versions.get(message.parent_id, []), left_out) for message in messages]


def _place(message: Message, versions: list[int], left_out: list[int]) -> Shown:
    place = versions.index(message.pk)
    return Shown(
        message=message,
        version=place + 1,
        versions=len(versions),
        previous_id=versions[place - 1] if place else None,
        next_id=versions[place + 1] if place + 1 < len(versions) else None,
        left_out=left_out,
    )
