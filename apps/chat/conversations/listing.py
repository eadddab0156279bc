"""The list of conversations, as it stands beside a conversation and on its own page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from apps.chat.models import Conversation, ConversationQuerySet, Tag
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.models import User

MAX_PAGES = 10_000

Columns = tuple[int, str, datetime, bool]


class Row(NamedTuple):
    """A conversation in the list, which stands on most pages: a model would cost ten times more."""

    url: str
    pk: int
    title: str
    updated_at: datetime
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    conversations: list[Row]


@dataclass(frozen=True, slots=True)
class ListPage:
    """Where one is in a list; how long the list is would have to be counted, so nobody knows."""

    number: int
    has_older: bool

    @property
    def newer(self) -> int:
        return self.number - 1

    @property
    def older(self) -> int:
        return self.number + 1


def list_conversations(
    user: User, number: int = 1, tag: Tag | None = None
) -> tuple[ListPage, list[Group]]:
    """Return a page of the person's conversations, pinned ones first, and its groups."""
    read = partial(_tagged, tag=tag.pk) if tag else _listed
    page, rows = paginate(partial(read, user=user.pk), number)
    above = reverse("chat_home")
    return page, group(Row(f"{above}{row[0]}/", *row) for row in rows)


def paginate(read: Callable[[int, int], list[Any]], number: int) -> tuple[ListPage, list[Any]]:
    """Return the rows of a page, which are read from one index to before another.

    A page that does not exist is the first.
    """
    size = settings.CHAT_PAGE_SIZE
    number = max(1, min(number, MAX_PAGES))
    found = read((number - 1) * size, number * size + 1)
    if number > 1 and not found:
        return paginate(read, 1)
    return ListPage(number, has_older=len(found) > size), found[:size]


@PreparedQuery
def _listed(start: int, end: int) -> QuerySet[Conversation, Columns]:
    return _columns(Conversation.objects.filter(user=Parameter("user")))[start:end]


@PreparedQuery
def _tagged(start: int, end: int) -> QuerySet[Conversation, Columns]:
    own = Conversation.objects.filter(user=Parameter("user"))
    return _columns(own.filter(tags=Parameter("tag")))[start:end]


def _columns(conversations: ConversationQuerySet) -> QuerySet[Conversation, Columns]:
    return conversations.listed().values_list("pk", "title", "updated_at", "is_pinned")


def group(conversations: Iterable[Row]) -> list[Group]:
    """Group under Pinned, Today, Yesterday, This week and months, by the person's time zone."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    days = (
        (today, gettext("Today")),
        (today - timedelta(days=1), gettext("Yesterday")),
        (today - timedelta(days=6), gettext("This week")),
    )
    pinned = gettext("Pinned")

    def name(row: Row) -> str:
        if row.is_pinned:
            return pinned
        recent = next((name for start, name in days if row.updated_at >= start), "")
        return recent or date_format(timezone.localtime(row.updated_at), "F Y")

    return [Group(named, list(rows)) for named, rows in groupby(conversations, name)]
