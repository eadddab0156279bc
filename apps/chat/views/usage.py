"""What a person has used, and how much they may."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from apps.chat.models import UsageRecord
from apps.chat.usage import limit_status, periods, reports
from apps.core.decorators import login_required
from apps.users.http import UserRequest, read_number

MONTHS = 12  # In the table of months.


@require_safe
@login_required
def usage(request: UserRequest) -> HttpResponse:
    """Show a month by days, models and purposes; or one conversation."""
    records = UsageRecord.objects.filter(user=request.user)
    if number := request.GET.get("conversation"):
        conversation = get_object_or_404(request.user.conversations, pk=read_number(number))
        records = records.filter(conversation=conversation)
        context = {"conversation": conversation, **_summary(records)}
    else:
        context = _month(request, records)
    return render(request, "chat/usage.html", context)


@require_safe
@login_required
def limits(request: UserRequest) -> HttpResponse:
    context = {"limit_statuses": limit_status.standings(request.user)}
    return render(request, "chat/limits.html", context)


def _month(request: UserRequest, records: reports.Records) -> dict[str, Any]:
    zone = request.user.zone
    today = timezone.localdate(timezone=zone)
    month = _read_month(request.GET.get("month", ""), today)
    following = periods.next_month(month)
    months = reports.by_month(records, periods.months_before(today, MONTHS - 1), today, zone)
    of_month = records.filter(
        created_at__gte=periods.midnight(month, zone),
        created_at__lt=periods.midnight(following, zone),
    )
    return {
        "month": month,
        "days": reports.by_day(of_month, month, min(today, periods.last_day(month)), zone),
        "months": [line for line in months if line.total.calls or line.name == month],
        **_summary(of_month),
    }


def _summary(records: reports.Records) -> dict[str, Any]:
    return {
        "total": reports.total(records),
        "models": reports.by_model(records),
        "purposes": reports.by_purpose(records),
    }


def _read_month(text: str, today: date) -> date:
    """Return the first day of the month that was asked for; of this one if that is none."""
    try:
        asked = parse_date(f"{text}-01")
    except ValueError:
        asked = None
    return min(asked, periods.month_of(today)) if asked else periods.month_of(today)
