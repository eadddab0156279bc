"""What calls took and cost, summed up by the database: a query each, however many there were."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When

from apps.chat.models import UsageRecord
from apps.chat.usage import periods

Records = QuerySet[UsageRecord]


@dataclass(frozen=True, slots=True)
class Total:
    """Some calls together. The cost is None where none of them has a price."""

    calls: int = 0
    prompt: int = 0
    completion: int = 0
    cost: Decimal | None = None
    unpriced: int = 0
    estimated: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a day, a month, a model or a purpose."""

    name: Any
    total: Total
    percent: int  # Of the line with the most tokens.


SUMS: dict[str, Any] = {
    "calls": Count("pk"),
    "prompt": Sum("prompt_tokens", default=0),
    "completion": Sum("completion_tokens", default=0),
    "estimated": Count("pk", filter=Q(estimated=True)),
    "unpriced": Count("pk", filter=Q(cost=None)),
    "cost": Sum("cost"),  # The last: from here on the name means the sum.
}


def total(records: Records) -> Total:
    return Total(**records.aggregate(**SUMS))


def by_model(records: Records) -> list[Line]:
    """Return a line for each model, most tokens first."""
    return _by(records, "model")


def by_purpose(records: Records) -> list[Line]:
    """Return a line for each purpose, most tokens first."""
    names = dict(UsageRecord.Purpose.choices)
    return [replace(line, name=names[line.name]) for line in _by(records, "purpose")]


def by_day(records: Records, month: date, last: date, zone: ZoneInfo) -> list[Line]:
    """Return a line for each day of the month until the last, newest first."""
    return _by_period(records, month, periods.next_day, last, zone)


def by_month(records: Records, first: date, last: date, zone: ZoneInfo) -> list[Line]:
    """Return a line for each month from the first day's to the last day's, newest first."""
    return _by_period(records, periods.month_of(first), periods.next_month, last, zone)


def _by(records: Records, field: str) -> list[Line]:
    rows: Any = records.order_by().values(name=F(field)).annotate(**SUMS)
    totals = [(row.pop("name"), Total(**row)) for row in rows]
    return _lines(sorted(totals, key=lambda pair: pair[1].tokens, reverse=True))


def _by_period(
    records: Records, first: date, following: Callable[[date], date], last: date, zone: ZoneInfo
) -> list[Line]:
    starts = [first]
    while starts[-1] <= last:
        starts.append(following(starts[-1]))
    moments = [periods.midnight(day, zone) for day in starts]
    totals = _totals_between(records, moments)
    return _lines([(day, totals.get(n, Total())) for n, day in enumerate(starts[:-1])][::-1])


def _totals_between(records: Records, moments: list[datetime]) -> dict[int, Total]:
    """Sum up what lies between these moments, by the number of the gap.

    Comparing moments is quicker than having the database find out the date of each record in a
    time zone, for which SQLite calls Python.
    """
    gaps = [When(created_at__lt=end, then=Value(n)) for n, end in enumerate(moments[1:])]
    rows: Any = (
        records.filter(created_at__gte=moments[0], created_at__lt=moments[-1])
        .order_by()
        .annotate(gap=Case(*gaps, output_field=IntegerField()))
        .values("gap")
        .annotate(**SUMS)
    )
    return {row.pop("gap"): Total(**row) for row in rows}


def _lines(totals: list[tuple[Any, Total]]) -> list[Line]:
    most = max((total.tokens for _, total in totals), default=0) or 1
    return [Line(name, total, round(100 * total.tokens / most)) for name, total in totals]
