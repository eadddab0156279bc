"""How much of the service all people together may have, a day and a month."""

import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext

from apps.chat.usage import budgets, pricing
from apps.chat.usage.budgets import Budget
from apps.chat.usage.limit_errors import LimitReached, in_words
from apps.users.models import User

logger = logging.getLogger("parlor.limits")

WARNING_PERCENT = 80  # From where on staff are told.
MONEY = ("SITE_COST_PER_DAY", "SITE_COST_PER_MONTH")
TOKENS = ("SITE_TOKENS_PER_DAY", "SITE_TOKENS_PER_MONTH")

_LOCK = 0x5061726C  # Of PostgreSQL: nobody else counts while one is let through.

_logged: set[tuple[str, datetime, bool]] = set()  # Of this process: each is said once.


@dataclass(frozen=True, slots=True)
class SiteLimit:
    """One limit of the whole site, and how much of it is used or on its way."""

    setting: str
    limit: Any  # A number of tokens, or an amount of money.
    used: Any
    again: datetime

    @property
    def percent(self) -> int:
        return int(100 * self.used / self.limit)

    @property
    def sentence(self) -> str:
        """Say, for staff, how far it is used."""
        names = {
            "SITE_TOKENS_PER_DAY": gettext("tokens of all people a day"),
            "SITE_TOKENS_PER_MONTH": gettext("tokens of all people a month"),
            "SITE_COST_PER_DAY": gettext("money of all people a day"),
            "SITE_COST_PER_MONTH": gettext("money of all people a month"),
        }
        return gettext(
            "{percent} % of a limit are used: {name}, {used} of {limit}. It begins anew {when}."
        ).format(
            percent=self.percent,
            name=names[self.setting],
            used=self._in_words(self.used),
            limit=self._in_words(self.limit),
            when=in_words(self.again),
        )

    def _in_words(self, amount: Any) -> str:
        if self.setting in MONEY:
            return pricing.money(Decimal(amount))
        return number_format(amount, force_grouping=True)


def limits_money() -> bool:
    return any(getattr(settings, name) for name in MONEY)


def check(needed: Budget, user: User) -> None:
    """Raise LimitReached if so much more is too much for all together.

    Call it last in the transaction that stores what is asked for: until that ends, others wait.
    """
    if not (limits_money() or any(getattr(settings, name) for name in TOKENS)):
        return
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    for limit in standings():
        more = needed.cost if limit.setting in MONEY else needed.tokens
        _log(limit)
        if limit.used + more > limit.limit or (more and limit.used >= limit.limit):
            raise LimitReached("site", limit.again.astimezone(user.zone))


def standings() -> list[SiteLimit]:
    """Return the limits that are set, each with what is used of it."""
    set_up = {name: getattr(settings, name) for name in (*TOKENS, *MONEY)}
    if not any(set_up.values()):
        return []
    spent, reserved = budgets.spent_by_all(), budgets.reserved_by_all()
    next_day, next_month = budgets.begins_again()
    windows = {"DAY": (spent.day, next_day), "MONTH": (spent.month, next_month)}
    found = []
    for setting, limit in set_up.items():
        window, again = windows[setting.rpartition("_")[2]]
        tokens, cost = window.tokens + reserved.tokens, window.cost + reserved.cost
        if limit:
            found.append(SiteLimit(setting, limit, cost if setting in MONEY else tokens, again))
    return found


def warnings() -> list[str]:
    """Return what staff are told of limits that are nearly, or wholly, used up."""
    return [each.sentence for each in standings() if each.percent >= WARNING_PERCENT]


def _log(limit: SiteLimit) -> None:
    key = (limit.setting, limit.again, limit.percent >= 100)
    if limit.percent >= WARNING_PERCENT and key not in _logged:
        _logged.add(key)
        logger.warning("%s: %s %% used", limit.setting, limit.percent)
