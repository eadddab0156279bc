"""Which limits hold for whom."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from apps.chat.models import Allowance
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person may have; 0 is no limit."""

    messages_per_minute: int
    replies_at_once: int
    tokens_per_day: int
    cost_per_month: Decimal
    images_per_day: int


FIELDS = [field.name for field in fields(Limits)]

Row = dict[str, Any]


def limits_of(user: User) -> Limits | None:
    """Return the person's limits, None if the settings spare them.

    What is allowed to the person counts, else the most generous of what is allowed to one of
    their groups, else the settings.
    """
    if user.is_staff and settings.LIMITS_SPARE_STAFF:
        return None
    rows = _allowed(user=user.pk)
    own = [row for row in rows if row["user_id"]]
    groups = [row for row in rows if not row["user_id"]]
    return Limits(**{field: _limit(field, own, groups) for field in FIELDS})


@PreparedQuery
def _allowed() -> QuerySet[Allowance, Row]:
    user = Parameter("user")
    found = Allowance.objects.filter(Q(user=user) | Q(group__user=user))
    rows: QuerySet[Allowance, Row] = found.values("user_id", *FIELDS)
    return rows


def _limit(field: str, own: list[Row], groups: list[Row]) -> Any:
    for rows in (own, groups):
        allowed = [row[field] for row in rows if row[field] is not None]
        if allowed:
            return 0 if 0 in allowed else max(allowed)
    setting = field.upper()
    return getattr(settings, setting if field == "images_per_day" else f"CHAT_{setting}")
