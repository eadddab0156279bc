"""Search in the titles and the messages of a person: one door, two databases behind it.

The index is kept by triggers of the database: whatever way a message comes in, it is found at once
when it is final. An entry is a word with the id of its person, so that a search costs what this
person has; the newest comes first. Conversations in the trash are left out, the archive is not.
"""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.chat.models import Conversation, Message
from apps.chat.search import postgresql, sqlite
from apps.chat.search.query import Phrase
from apps.users.models import User

NEWEST = 2**63 - 1  # No row has this id.


@dataclass(frozen=True, slots=True)
class Messages:
    """A page of what was found, and whether there is more."""

    messages: list[Message]
    has_more: bool


def find_titles(user: User, phrases: list[Phrase], limit: int) -> list[Conversation]:
    """Return the newest conversations whose title has all phrases."""
    ids = _find(user, phrases, "TITLES", NEWEST, limit)
    return list(Conversation.objects.filter(pk__in=ids).order_by("-pk"))


def find_messages(user: User, phrases: list[Phrase], limit: int, before: int = 0) -> Messages:
    """Return the newest messages that have all phrases, of those before the one with this id."""
    ids = _find(user, phrases, "MESSAGES", before or NEWEST, limit + 1)
    messages = Message.objects.filter(pk__in=ids[:limit]).select_related("conversation")
    return Messages(list(messages.order_by("-pk")), len(ids) > limit)


def _find(user: User, phrases: list[Phrase], what: str, before: int, limit: int) -> list[int]:
    if not phrases:
        return []
    backend = _backend(connection)
    with connection.cursor() as cursor:
        match = backend.match(user.pk, phrases)
        cursor.execute(getattr(backend, what), [match, before, user.pk, limit])
        return [pk for (pk,) in cursor.fetchall()]


def make_index(connection: BaseDatabaseWrapper) -> None:
    """Make the index of what there is; on SQLite the triggers come when migrations have ended."""
    _backend(connection).make_index(connection)


def drop_index(connection: BaseDatabaseWrapper) -> None:
    _backend(connection).drop_index(connection)


def make_index_anew() -> None:
    """Fill the index again, after the rules of what a word is have changed."""
    _backend(connection).make_index_anew(connection)


def before_migrations(using: str, plan: list[Any], **kwargs: object) -> None:
    if plan:
        _backend(connections[using]).take_down_triggers(connections[using])


def after_migrations(using: str, **kwargs: object) -> None:
    _backend(connections[using]).put_up_triggers(connections[using])


def _backend(connection: BaseDatabaseWrapper) -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite
