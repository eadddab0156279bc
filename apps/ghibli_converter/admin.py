from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin.site import DeletesFiles
from apps.core.files import storage
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.images import sanitizer
from apps.ghibli_converter.models import Picture, Style
from apps.ghibli_converter.recovery import STYLES_FOLDER
from apps.users.admin.filters import UserFilter

EXAMPLE_EDGE = 480  # Pixels.


class StyleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A style; its example is looked at and made small like every picture that comes in."""

    def clean_example(self) -> Any:
        upload = self.cleaned_data["example"]
        if not upload or "example" not in self.changed_data:
            return upload
        try:
            example = sanitizer.normalise(BytesIO(upload.read()), EXAMPLE_EDGE)
        except sanitizer.PictureRefused as error:
            raise ValidationError(str(error)) from error
        return storage.store(example.data, STYLES_FOLDER, example.format)


@admin.register(Style)
class StyleAdmin(DeletesFiles, admin.ModelAdmin):  # type: ignore[type-arg]
    form = StyleForm
    list_display = ("name", "description", "position", "is_active")
    list_editable = ("position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "description", "prompt")
    fields = ("name", "description", "prompt", "example", "position", "is_active")


@admin.register(Picture)
class PictureAdmin(DeletesFiles, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who makes how many pictures, and how that went; what they show is theirs alone."""

    list_display = ("pk", "user", "kind", "style", "state", "error", "model", "created_at")
    list_filter = ("state", "error", "kind", ("user", UserFilter), "created_at")
    list_select_related = ("user", "style")
    search_fields = ("user__username",)
    fields = readonly_fields = (
        *("user", "kind", "style", "size", "quality", "model", "state", "error", "tries"),
        *("created_at", "started_at", "finished_at", "lease_until", "file_size", "deleted_at"),
    )
    actions = ("cancel_pictures",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return Picture.with_trash.order_by("-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Cancel these pictures"), permissions=["change"])
    def cancel_pictures(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        cancelled = sum(ghibli_converter.cancel(picture) for picture in queryset)
        words = ngettext("{n} picture was cancelled.", "{n} pictures were cancelled.", cancelled)
        messages.success(request, words.format(n=cancelled))
