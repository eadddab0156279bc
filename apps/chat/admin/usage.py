"""The account of calls, and who may have how much, in the admin."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.chat.models import Allowance, UsageByPerson, UsageRecord
from apps.chat.usage import dashboard, periods, pricing
from apps.core.admin.site import front_page
from apps.users.admin.filters import UserFilter

_WHOLE = BigIntegerField()

front_page.append(dashboard.front_page)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the program writes and nobody changes."""

    show_full_result_count = False  # Counting a million rows is slow.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "user",
        "purpose",
        "model",
        "prompt_tokens",
        "completion_tokens",
        "estimated",
        "cost",
        "seconds",
        "first_seconds",
        "outcome",
    )
    list_filter = ("purpose", "outcome", "estimated", "model", ("user", UserFilter))
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email", "model")
    date_hierarchy = "created_at"


@admin.register(UsageByPerson)
class UsageByPersonAdmin(ReadOnlyAdmin):
    list_display = ("username", "email", "calls", "tokens_today", "tokens", "cost", "records")
    list_display_links = None
    search_fields = ("username", "email", "display_name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        date = timezone.localdate()
        zone: Any = timezone.get_current_timezone()
        day, month = (periods.midnight(each, zone) for each in (date, periods.month_of(date)))
        both = F("prompt_tokens") + F("completion_tokens")
        people: Any = super().get_queryset(request)
        counted: QuerySet[Any] = people.annotate(
            calls=_of_person(month, Count("pk")),
            tokens_today=_of_person(day, Sum(both)),
            tokens=_of_person(month, Sum(both)),
            cost=_of_person(month, Sum("cost"), UsageRecord._meta.get_field("cost")),
        )
        return counted.order_by("-tokens", "pk")

    @admin.display(description=_("calls this month"), ordering="calls")
    def calls(self, person: Any) -> int:
        return int(person.calls)

    @admin.display(description=_("tokens today"), ordering="tokens_today")
    def tokens_today(self, person: Any) -> int:
        return int(person.tokens_today)

    @admin.display(description=_("tokens this month"), ordering="tokens")
    def tokens(self, person: Any) -> int:
        return int(person.tokens)

    @admin.display(description=_("cost this month"), ordering="cost")
    def cost(self, person: Any) -> str:
        return pricing.money(person.cost)

    @admin.display(description=_("records"))
    def records(self, person: Any) -> str:
        address = reverse("admin:chat_usagerecord_changelist")
        return format_html('<a href="{}?user__id__exact={}">{}</a>', address, person.pk, _("Show"))


def _of_person(since: datetime, total: Any, output: Any = _WHOLE) -> Any:
    rows = UsageRecord.objects.filter(user=OuterRef("pk"), created_at__gte=since)
    totals = rows.order_by().values("user").annotate(total=total).values("total")
    return Coalesce(Subquery(totals), 0, output_field=output)


@admin.register(Allowance)
class AllowanceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "__str__",
        "user",
        "group",
        "messages_per_minute",
        "replies_at_once",
        "tokens_per_day",
        "cost_per_month",
        "images_per_day",
    )
    list_select_related = ("user", "group")
    search_fields = ("user__username", "user__email", "group__name")
    autocomplete_fields = ("user", "group")
