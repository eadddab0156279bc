"""Days and months, as they begin in a person's time zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which the day begins."""
    return datetime.combine(day, time.min, tzinfo=zone)


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def month_of(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the month after the day's."""
    return months_before(day, -1)


def months_before(day: date, count: int) -> date:
    """Return the first day of the month that was so many months before the day's."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def last_day(day: date) -> date:
    """Return the last day of the day's month."""
    return next_month(day) - timedelta(days=1)
