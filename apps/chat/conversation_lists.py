"""The list of conversations, as it stands beside a conversation and on its own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from apps.users.models import User


class Row(NamedTuple):
    """A conversation in the list, which stands on most pages: a model would cost ten times more."""

    pk: int
    title: str
    updated_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    conversations: list[Row]


def list_conversations(user: User, number: Any = 1) -> tuple[Page[Any], list[Group]]:
    """Return a page of the person's conversations, newest activity first, and its groups."""
    rows = user.conversations.newest_first().values_list("pk", "title", "updated_at")
    page = Paginator(rows, settings.CHAT_PAGE_SIZE).get_page(number)
    above = reverse("chat_home")
    return page, group_by_day(Row(*row, url=f"{above}{row[0]}/") for row in page.object_list)


def group_by_day(conversations: Iterable[Row]) -> list[Group]:
    """Group under Today, Yesterday, This week and months, by the person's time zone."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    named = groupby(conversations, lambda row: _name(row.updated_at, today))
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
