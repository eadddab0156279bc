"""A person's limits, and what is left of them, for a page to show."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.utils.formats import number_format
from django.utils.translation import gettext

from apps.chat.usage import budgets, limits, pictures, pricing
from apps.chat.usage.limit_errors import in_words
from apps.chat.usage.limit_overrides import Limits, limits_of
from apps.users.models import User

N = TypeVar("N", int, Decimal)


@dataclass(frozen=True, slots=True)
class Standing:
    """One limit, in words."""

    name: str
    limit: str  # Empty: there is none.
    left: str
    percent: int  # That is left.
    again: str = ""  # When all of it is available again.


def standings(user: User) -> list[Standing]:
    """Return how the person stands with each limit; none if limits do not apply to them."""
    allowed = limits_of(user)
    if allowed is None:
        return []
    in_progress = budgets.replies_in_progress(user)
    running = len(in_progress) + pictures.count_in_progress(user)
    recent = len(limits.recent_messages(user))
    return [
        _count(gettext("Messages a minute"), allowed.messages_per_minute, recent),
        _count(gettext("Replies at once"), allowed.replies_at_once, running),
        *_budgets(user, allowed),
    ]


def _budgets(user: User, allowed: Limits) -> list[Standing]:
    left = limits.left(user, allowed)
    next_day, next_month = map(in_words, budgets.begins_again(user))
    return [
        _standing(gettext("Tokens a day"), allowed.tokens_per_day, left.tokens, _number, next_day),
        _standing(
            gettext("Money a month"), allowed.cost_per_month, left.cost, pricing.money, next_month
        ),
        _standing(
            gettext("Pictures a day"),
            allowed.images_per_day,
            allowed.images_per_day - limits.pictures_today(user),
            _number,
            next_day,
        ),
    ]


def _count(name: str, limit: int, used: int) -> Standing:
    return _standing(name, limit, limit - used, _number)


def _standing(
    name: str, limit: N, left: N, in_words: Callable[[N], str], again: str = ""
) -> Standing:
    if not limit:
        return Standing(name, "", "", 100)
    left = max(left, type(left)(0))
    percent = int(100 * left / limit)
    return Standing(name, in_words(limit), in_words(left), percent, again if left < limit else "")


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
