from django.contrib import admin

from apps.core.admin.site import NothingIsAdded
from apps.core.models import ModelQuirk


@admin.register(ModelQuirk)
class ModelQuirkAdmin(NothingIsAdded, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was learnt is deleted here when it no longer holds; else it is forgotten in a week."""

    list_display = ["model", "name", "value", "service", "learned_at"]
    list_filter = ["name"]
    search_fields = ["model", "service"]
    readonly_fields = ["service", "model", "name", "value", "learned_at"]
    list_select_related = False
