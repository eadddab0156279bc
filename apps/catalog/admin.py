from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.catalog.models import Listing, UnfitModel


@admin.register(Listing)
class ListingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("service", "listed_at")
    search_fields = ("service",)
    fields = readonly_fields = ("service", "listed_at", "listed")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(UnfitModel)
class UnfitModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One that is deleted here is offered again."""

    list_display = ("name", "purpose", "until")
    list_filter = ("purpose",)
    search_fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
