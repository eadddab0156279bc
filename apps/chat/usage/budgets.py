"""What has been used of tokens and money, and what is on its way: of a person, or of all.

Days and months are those of the site's time zone: a person who changes theirs begins no new one.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from apps.chat.models import Message, Reservation, UsageOfDeleted, UsageRecord
from apps.chat.usage import periods, pictures, pricing
from apps.chat.usage.records import expected_reply
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.models import User

Calls = list[tuple[int, str]]  # Of each the tokens sent, and the model.


@dataclass(frozen=True, slots=True)
class Budget:
    """What is counted over days and months."""

    tokens: int
    cost: Decimal

    def __add__(self, other: "Budget") -> "Budget":
        return Budget(self.tokens + other.tokens, self.cost + other.cost)


@dataclass(frozen=True, slots=True)
class Spent:
    """What the day and the month have taken so far."""

    day: Budget
    month: Budget


def window_starts() -> tuple[datetime, datetime]:
    """Return when the site's day and month began."""
    zone = timezone.get_default_timezone()
    today = timezone.localdate(timezone=zone)
    return periods.midnight(today, zone), periods.midnight(periods.month_of(today), zone)


def begins_again(user: User | None = None) -> tuple[datetime, datetime]:
    """Return when the next day and the next month begin, by the clock of the person."""
    zone = timezone.get_default_timezone()
    today = timezone.localdate(timezone=zone)
    starts = (periods.midnight(each, zone) for each in _next_days(today))
    day, month = (start.astimezone(user.zone if user else zone) for start in starts)
    return day, month


def spent(records: QuerySet[UsageRecord] | QuerySet[UsageOfDeleted]) -> Spent:
    """Return what these calls of the day and of the month have used."""
    day, month = window_starts()
    tokens, in_day = F("prompt_tokens") + F("completion_tokens"), Q(created_at__gte=day)
    sums = records.filter(created_at__gte=month).aggregate(
        day_tokens=Sum(tokens, filter=in_day),
        day_cost=Sum("cost", filter=in_day),
        month_tokens=Sum(tokens),
        month_cost=Sum("cost"),
    )
    found = {name: value or 0 for name, value in sums.items()}
    return Spent(
        Budget(found["day_tokens"], Decimal(found["day_cost"])),
        Budget(found["month_tokens"], Decimal(found["month_cost"])),
    )


def spent_by_all() -> Spent:
    """Return what the day and the month have taken, by accounts that are deleted, too."""
    here, gone = spent(UsageRecord.objects.all()), spent(UsageOfDeleted.objects.all())
    return Spent(here.day + gone.day, here.month + gone.month)


def expected(calls: Calls) -> Budget:
    """Return about what these calls will have used when they have ended."""
    written = expected_reply()
    cost = Decimal()
    for sent, model in calls:
        named = model or settings.CHAT_DEFAULT_MODEL
        cost += pricing.cost_of_tokens(named, sent, written) or 0
    return Budget(sum(sent + written for sent, _ in calls), cost)


def replies_in_progress(user: User) -> Calls:
    """Return the replies that are not booked yet."""
    return [(sent or 0, model) for sent, model in _in_progress(user=user.pk)]


def reserved(user: User) -> Budget:
    """Return about what all calls of the person will use that are not booked yet."""
    texts = expected([*replies_in_progress(user), *calls_beside(user)])
    return texts + Budget(0, pictures.cost_in_progress(user))


def reserved_by_all() -> Budget:
    written = Message.objects.filter(picture=None).in_progress().order_by()
    rows = [(sent or 0, model) for sent, model in written.values_list("prompt_tokens", "model")]
    return expected([*rows, *calls_beside()]) + Budget(0, pictures.cost_in_progress())


def calls_beside(user: User | None = None) -> Calls:
    """Return the titles and summaries that are being made."""
    rows = Reservation.objects.filter(expires_at__gt=timezone.now())
    rows = rows.filter(user=user) if user else rows
    return list(rows.values_list("prompt_tokens", "model"))


def _next_days(today: date) -> tuple[date, date]:
    return periods.next_day(today), periods.next_month(today)


@PreparedQuery
def _in_progress() -> QuerySet[Message, tuple[int | None, str]]:
    written = Message.objects.filter(picture=None)  # Pictures are counted among pictures.
    rows = written.owned_by(Parameter("user")).in_progress().order_by()
    return rows.values_list("prompt_tokens", "model")
