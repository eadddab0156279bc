"""How much of the service one person may have: counted in rows, so the same for all processes."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from apps.chat import periods, picture_usage, prices, usage
from apps.chat.allowances import Limits, limits_of
from apps.chat.models import Message, UsageRecord
from apps.core.prepared import Parameter, PreparedQuery
from apps.core.refusals import Refused
from apps.users.models import User

REPLY_SECONDS = 5  # After which one of several replies may have ended.


@dataclass(frozen=True, slots=True)
class Budget:
    """What is counted over days and months."""

    tokens: int
    cost: Decimal


class LimitReached(Refused):
    """The person has had as much as they may; `limit` is a field of Limits."""

    status = 429
    retry_after: int

    def __init__(self, limit: str, available_at: datetime, left: str = "") -> None:
        super().__init__(limit)
        self.limit = limit
        self.available_at = available_at
        self.left = left  # In words; empty if nothing is left.
        seconds = (available_at - timezone.now()).total_seconds()
        self.retry_after = max(1, math.ceil(seconds))

    @property
    def sentence(self) -> str:
        if self.limit == "messages_per_minute":
            return ngettext(
                "You have sent many messages in a minute. Wait {n} second.",
                "You have sent many messages in a minute. Wait {n} seconds.",
                self.retry_after,
            ).format(n=self.retry_after)
        if self.limit == "replies_at_once":
            return gettext(
                "As many of your replies are being written as may be at once."
                " You can go on when one of them has ended."
            )
        when = in_words(self.available_at)
        if self.limit == "images_per_day":
            return gettext(
                "You have made as many pictures as you may in a day. You can make more {when}."
            ).format(when=when)
        if self.left:
            return gettext(
                "Your budget has only {left} left, too little for this."
                " It is available again {when}."
            ).format(left=self.left, when=when)
        return gettext("Your budget is used up. It is available again {when}.").format(when=when)


def check(user: User, *, prompt_tokens: int = 0, model: str = "") -> None:
    """Raise LimitReached if the person may not have another reply now.

    Call it in the transaction that stores what was asked for: until that ends, other requests
    of the same person wait here. Replies in progress count as if they were written.
    """
    limits = limits_of(user)
    if limits is None:
        return
    with transaction.atomic(savepoint=False):
        _hold(user)
        if limits.messages_per_minute:
            _check_messages(user, limits.messages_per_minute)
        in_progress = replies_in_progress(user)
        if 0 < limits.replies_at_once <= len(in_progress):
            soon = timezone.now() + timedelta(seconds=REPLY_SECONDS)
            raise LimitReached("replies_at_once", soon)
        _check_budget(user, limits, in_progress, _expected([(prompt_tokens, model)]))


def check_pace(user: User) -> None:
    """Raise LimitReached if the person has sent as many messages as they may; see check()."""
    limits = limits_of(user)
    if limits is None or not limits.messages_per_minute:
        return
    with transaction.atomic(savepoint=False):
        _hold(user)
        _check_messages(user, limits.messages_per_minute)


def check_picture(sender: object, *, user: User, model: str, **kwargs: Any) -> None:
    """Raise LimitReached if the person may not have another picture now; see check()."""
    limits = limits_of(user)
    if limits is None:
        return
    with transaction.atomic(savepoint=False):
        _hold(user)
        if limits.images_per_day and pictures_today(user) >= limits.images_per_day:
            raise LimitReached("images_per_day", begins_again(user)[0])
        cost = prices.cost_of_picture(model) or Decimal()
        money_only = replace(limits, tokens_per_day=0)
        _check_budget(user, money_only, replies_in_progress(user), Budget(0, cost))


def pictures_today(user: User) -> int:
    today = timezone.localdate(timezone=user.zone)
    return picture_usage.count_since(user, periods.midnight(today, user.zone))


def check_budget(user: User, *, prompt_tokens: int, model: str) -> None:
    """Raise LimitReached if the person has no budget left for a call beside the replies."""
    if limits := limits_of(user):
        needed = _expected([(prompt_tokens, model)])
        _check_budget(user, limits, replies_in_progress(user), needed)


def recent_messages(user: User) -> list[datetime]:
    """Return when the person asked for replies within the last minute, oldest first."""
    return _asked_since(user=user.pk, moment=timezone.now() - timedelta(minutes=1))


def replies_in_progress(user: User) -> list[tuple[int, str]]:
    """Return the tokens sent, and the model, of the replies that are not booked yet."""
    return [(sent or 0, model) for sent, model in _in_progress(user=user.pk)]


def left(user: User, limits: Limits, in_progress: list[tuple[int, str]]) -> Budget:
    """Return what is left of the day's tokens and the month's money; less than 0 is possible."""
    spent, reserved = _spent(user), _expected(in_progress)
    pictures = picture_usage.cost_in_progress(user) if limits.cost_per_month else 0
    return Budget(
        limits.tokens_per_day - spent.tokens - reserved.tokens,
        limits.cost_per_month - spent.cost - reserved.cost - pictures,
    )


def begins_again(user: User) -> tuple[datetime, datetime]:
    """Return when the person's next day and next month begin."""
    today = timezone.localdate(timezone=user.zone)
    next_day, next_month = periods.next_day(today), periods.next_month(today)
    return periods.midnight(next_day, user.zone), periods.midnight(next_month, user.zone)


def in_words(moment: datetime) -> str:
    """Say when it is, by the time zone that the moment has."""
    days = (moment.date() - timezone.localdate(timezone=moment.tzinfo)).days
    clock = f"{moment:%H:%M}"
    if days <= 0:
        return gettext("at {time}").format(time=clock)
    if days == 1:
        return gettext("tomorrow at {time}").format(time=clock)
    day = date_format(moment.date(), "MONTH_DAY_FORMAT")
    return gettext("on {day} at {time}").format(day=day, time=clock)


def tokens_in_words(tokens: int) -> str:
    number = number_format(tokens, force_grouping=True)
    return ngettext("{n} token", "{n} tokens", tokens).format(n=number)


@PreparedQuery
def _asked_since() -> QuerySet[Message, datetime]:
    replies = Message.objects.filter(
        timestamp__gt=Parameter("moment", DateTimeField()),
        role=Message.Role.ASSISTANT,
        lease_until__isnull=False,  # Copies have none: they were not asked for.
    )
    # The sum keeps SQLite from reading all that the person ever said: the last minute is less.
    own = replies.annotate(owner=F("conversation__user_id") + 0).filter(owner=Parameter("user"))
    return own.order_by("timestamp").values_list("timestamp", flat=True)


@PreparedQuery
def _in_progress() -> QuerySet[Message, tuple[int | None, str]]:
    written = Message.objects.filter(picture=None)  # Pictures are counted among pictures.
    rows = written.owned_by(Parameter("user")).in_progress().order_by()
    return rows.values_list("prompt_tokens", "model")


def _hold(user: User) -> None:
    """Make other requests of the person wait; SQLite has one writer at a time anyway."""
    if connection.features.has_select_for_update:
        rows = User.objects.select_for_update(no_key=True).filter(pk=user.pk)
        rows.values_list("pk").first()


def _check_messages(user: User, limit: int) -> None:
    times = recent_messages(user)
    if len(times) >= limit:
        raise LimitReached("messages_per_minute", times[-limit] + timedelta(minutes=1))


def _check_budget(
    user: User, limits: Limits, in_progress: list[tuple[int, str]], needed: Budget
) -> None:
    if not (limits.tokens_per_day or limits.cost_per_month):
        return
    rest = left(user, limits, in_progress)
    next_day, next_month = begins_again(user)
    if limits.tokens_per_day and rest.tokens < needed.tokens:
        words = tokens_in_words(rest.tokens) if rest.tokens > 0 else ""
        raise LimitReached("tokens_per_day", next_day, words)
    if limits.cost_per_month and (rest.cost <= 0 or rest.cost < needed.cost):
        words = prices.money(rest.cost) if rest.cost > 0 else ""
        raise LimitReached("cost_per_month", next_month, words)


def _spent(user: User) -> Budget:
    """Return the tokens of the person's day and the money of their month."""
    today = timezone.localdate(timezone=user.zone)
    day = periods.midnight(today, user.zone)
    month = periods.midnight(periods.month_of(today), user.zone)
    totals = UsageRecord.objects.filter(user=user, created_at__gte=month).aggregate(
        tokens=Sum(F("prompt_tokens") + F("completion_tokens"), filter=Q(created_at__gte=day)),
        cost=Sum("cost"),
    )
    return Budget(totals["tokens"] or 0, totals["cost"] or Decimal())


def _expected(replies: list[tuple[int, str]]) -> Budget:
    """Return about what these replies will have used when they have ended."""
    written = usage.expected_reply()
    cost = Decimal()
    for sent, model in replies:
        named = model or settings.CHAT_DEFAULT_MODEL
        cost += prices.cost_of_tokens(named, sent, written) or 0
    return Budget(sum(sent + written for sent, _ in replies), cost)
