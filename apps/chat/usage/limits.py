"""How much of the service one person may have: counted in rows, so the same for all processes.

What counts are rows of the account, which outlive whatever a person may delete.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone

from apps.chat.models import RateLimitEntry, UsageRecord
from apps.chat.usage import budgets, pictures, pricing, site_limits
from apps.chat.usage.budgets import Budget
from apps.chat.usage.limit_errors import LimitReached, NoPrice, tokens_in_words
from apps.chat.usage.limit_overrides import Limits, limits_of
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.models import User

REPLY_SECONDS = 5  # After which one of several replies may have ended.
MINUTE = timedelta(minutes=1)


def check(user: User, *, prompt_tokens: int = 0, model: str = "") -> None:
    """Raise LimitReached or NoPrice if the person may not have another reply now.

    Call it in the transaction that stores what was asked for: until that ends, other requests
    of the same person wait here. Replies in progress count as if they were written.
    """
    needed = budgets.expected([(prompt_tokens, model)])
    price = pricing.cost_of_tokens(model, 0, 0) if model else Decimal()
    with transaction.atomic(savepoint=False):
        if limits := limits_of(user):
            hold(user)
            _take_turn(user, limits)
            _check_at_once(user, limits)
            _check_budget(user, limits, needed)
        _check_price(limits, model, price)
        site_limits.check(needed, user)


def check_pace(user: User) -> None:
    """Raise LimitReached if the person has asked for as much as they may; see check()."""
    if limits := limits_of(user):
        with transaction.atomic(savepoint=False):
            hold(user)
            _take_turn(user, limits)


def check_picture(sender: object, *, user: User, model: str, **kwargs: Any) -> None:
    """Raise LimitReached or NoPrice if the person may not have another picture now; see check()."""
    price = pricing.cost_of_picture(model) if model else Decimal()
    needed = Budget(0, price or Decimal())
    with transaction.atomic(savepoint=False):
        if limits := limits_of(user):
            hold(user)
            _take_turn(user, limits)
            _check_at_once(user, limits)
            if limits.images_per_day and pictures_today(user) >= limits.images_per_day:
                raise LimitReached("images_per_day", budgets.begins_again(user)[0])
            _check_budget(user, replace(limits, tokens_per_day=0), needed)
        _check_price(limits, model, price)
        site_limits.check(needed, user)


def check_call(
    user: User, model: str, *, needed: Budget, is_picture: bool = False, is_beside: bool = False
) -> None:
    """Raise LimitReached or NoPrice if a call may not leave now.

    What was asked for is among what is in progress already, and needs nothing more. A call beside
    the replies begins only while another one may.
    """
    limits = limits_of(user)
    if limits and is_beside:
        _check_at_once(user, limits, len(budgets.calls_beside(user)))
    if limits:
        no_tokens = replace(limits, tokens_per_day=0)
        _check_budget(user, no_tokens if is_picture else limits, needed)
    known = pricing.cost_of_picture(model) if is_picture else pricing.cost_of_tokens(model, 0, 0)
    _check_price(limits, model, known)
    site_limits.check(needed, user)


def pictures_today(user: User) -> int:
    return pictures.count_since(user, budgets.window_starts()[0])


def recent_messages(user: User) -> list[datetime]:
    """Return when the person asked for something within the last minute, oldest first."""
    return _asked_since(user=user.pk, moment=timezone.now() - MINUTE)


def left(user: User, limits: Limits) -> Budget:
    """Return what is left of the day's tokens and the month's money; less than 0 is possible."""
    spent = budgets.spent(UsageRecord.objects.filter(user=user))
    reserved = budgets.reserved(user)
    return Budget(
        limits.tokens_per_day - spent.day.tokens - reserved.tokens,
        limits.cost_per_month - spent.month.cost - reserved.cost,
    )


def prune() -> None:
    """Remove the entries of the rate limit that count no more."""
    old = RateLimitEntry.objects.filter(created_at__lt=timezone.now() - 60 * MINUTE)
    if old.exists():  # A delete would wait for whoever writes just now.
        old.delete()


@PreparedQuery
def _asked_since() -> QuerySet[RateLimitEntry, datetime]:
    since = Parameter("moment", DateTimeField())
    rows = RateLimitEntry.objects.filter(user=Parameter("user"), created_at__gt=since)
    return rows.order_by("created_at").values_list("created_at", flat=True)


def hold(user: User) -> None:
    """Make other requests of the person wait; SQLite has one writer at a time anyway."""
    if connection.features.has_select_for_update:
        rows = User.objects.select_for_update(no_key=True).filter(pk=user.pk)
        rows.values_list("pk").first()


def _take_turn(user: User, limits: Limits) -> None:
    most = limits.messages_per_minute
    if not most:
        return
    times = recent_messages(user)
    if len(times) >= most:
        raise LimitReached("messages_per_minute", times[-most] + MINUTE)
    RateLimitEntry.objects.create(user=user, created_at=timezone.now())


def _check_at_once(user: User, limits: Limits, beside: int = 0) -> None:
    if not limits.replies_at_once:
        return
    running = len(budgets.replies_in_progress(user)) + pictures.count_in_progress(user)
    if running + beside >= limits.replies_at_once:
        soon = timezone.now() + timedelta(seconds=REPLY_SECONDS)
        raise LimitReached("replies_at_once", soon)


def _check_budget(user: User, limits: Limits, needed: Budget) -> None:
    if not (limits.tokens_per_day or limits.cost_per_month):
        return
    rest = left(user, limits)
    next_day, next_month = budgets.begins_again(user)
    if limits.tokens_per_day and rest.tokens < needed.tokens:
        words = tokens_in_words(rest.tokens) if rest.tokens > 0 else ""
        raise LimitReached("tokens_per_day", next_day, words)
    is_over = rest.cost < 0 or (needed.tokens and rest.cost <= 0) or rest.cost < needed.cost
    if limits.cost_per_month and is_over:
        words = pricing.money(rest.cost) if rest.cost > 0 else ""
        raise LimitReached("cost_per_month", next_month, words)


def _check_price(limits: Limits | None, model: str, price: Decimal | None) -> None:
    """Raise NoPrice where money is limited, and nobody has said what the model costs."""
    is_limited = bool(limits and limits.cost_per_month) or site_limits.limits_money()
    if is_limited and price is None:
        raise NoPrice(model)
