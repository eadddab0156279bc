"""Today's figures, for the first page of the admin."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone

from apps.catalog import listing
from apps.chat.context import model_retirement
from apps.chat.context.model_retirement import Ending
from apps.chat.models import Message, UsageRecord
from apps.chat.usage import records, reports, site_limits
from apps.chat.usage.reports import Total

Counts = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Today:
    people: int  # Who have sent a message.
    messages: int
    states: Counts
    errors: Counts
    usage: Total
    quota_is_used_up: bool
    limits: list[str]  # Of the whole site, nearly used up.
    running: int  # Just now, in all processes,
    queued: int  # and waiting for their turn.
    endings: list[Ending]  # Models that are switched off soon.


def front_page(request: HttpRequest) -> dict[str, Any]:
    """Return today's figures for those who may see the account; a handful of queries."""
    if not request.user.has_perm("chat.view_usagerecord"):
        return {}
    now = timezone.localtime()
    return {"today": figures(now.replace(hour=0, minute=0, second=0, microsecond=0))}


def figures(midnight: datetime) -> Today:
    messages = Message.objects.filter(timestamp__gte=midnight)
    asked = messages.filter(role=Message.Role.USER).aggregate(
        messages=Count("pk"), people=Count("conversation__user", distinct=True)
    )
    rows = messages.filter(role=Message.Role.ASSISTANT).order_by("state", "error")
    ends = list(rows.values_list("state", "error").annotate(Count("pk")))
    waits = Message.objects.in_progress().values_list("state").annotate(Count("pk"))
    in_progress = dict(waits.order_by())
    return Today(
        **asked,
        states=_sums((Message.State(state).label, count) for state, _, count in ends),
        errors=_sums((error, count) for _, error, count in ends if error),
        usage=reports.total(UsageRecord.objects.filter(created_at__gte=midnight)),
        quota_is_used_up=records.quota_is_used_up(),
        limits=site_limits.warnings(),
        running=in_progress.get(Message.State.RUNNING, 0),
        queued=in_progress.get(Message.State.QUEUED, 0),
        endings=model_retirement.endings(listing.look()),
    )


def _sums(counts: Any) -> Counts:
    sums: dict[str, int] = {}
    for name, count in counts:
        sums[str(name)] = sums.get(str(name), 0) + count
    return list(sums.items())
