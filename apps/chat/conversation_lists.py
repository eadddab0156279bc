"""The list of conversations, as it stands beside a conversation and on its own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from apps.chat.models import Tag
from apps.users.models import User

MAX_PAGES = 10_000


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
    conversations = user.conversations.listed()
    if tag:
        conversations = conversations.filter(tags=tag)
    above = reverse("chat_home")
    columns = conversations.values_list("pk", "title", "updated_at", "is_pinned")
    page, rows = paginate(columns, number)
    return page, group(Row(f"{above}{row[0]}/", *row) for row in rows)


def paginate(rows: QuerySet[Any, Any], number: int) -> tuple[ListPage, list[Any]]:
    """Return the rows of a page; a page that does not exist is the first."""
    size = settings.CHAT_PAGE_SIZE
    number = max(1, min(number, MAX_PAGES))
    found = list(rows[(number - 1) * size : number * size + 1])
    if number > 1 and not found:
        return paginate(rows, 1)
    return ListPage(number, has_older=len(found) > size), found[:size]


def group(conversations: Iterable[Row]) -> list[Group]:
    """Group under Pinned, Today, Yesterday, This week and months, by the person's time zone."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    named = groupby(
        conversations,
        lambda row: gettext("Pinned") if row.is_pinned else _name(row.updated_at, today),
    )
    return [Group(name, list(rows)) for name, rows in named]


def _name(moment: datetime, today: datetime) -> str:
    """Name the moment's group; `today` is the midnight that today began with."""
    if moment >= today:
        return gettext("Today")
    if moment >= today - timedelta(days=1):
        return gettext("Yesterday")
    if moment >= today - timedelta(days=6):
        return gettext("This week")
    return date_format(timezone.localtime(moment), "F Y")
