from django.contrib import admin
from django.db.models import QuerySet, TextField
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from apps.chat.models import (
    Conversation,
    Message,
    SavedPrompt,
    Share,
    Summary,
    Tag,
    Transfer,
)

BEGINNING = 80  # Characters of a message in lists.


class MessageInline(admin.TabularInline):  # type: ignore[type-arg]
    """The messages of a conversation, to read; a conversation is written in the chat."""

    model = Message
    fields = readonly_fields = ("timestamp", "role", "state", "error", "model", "content")
    extra = 0
    can_delete = False
    show_change_link = True
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "user", "created_at", "updated_at", "deleted_at")
    list_filter = ("created_at", "updated_at", "deleted_at")
    list_select_related = ("user",)
    search_fields = ("title", "user__username")
    date_hierarchy = "created_at"
    autocomplete_fields = ("user",)
    fields = (
        *("title", "user", "created_at", "updated_at", "deleted_at"),
        *("model", "temperature", "max_tokens", "system_prompt"),
    )
    readonly_fields = ("created_at", "updated_at", "deleted_at", "system_prompt")
    inlines = (MessageInline,)
    show_full_result_count = False  # Counting a million rows is slow.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return Conversation.with_trash.all()


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "user")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user",)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("pk", "beginning", "role", "state", "error", "person", "model", "timestamp")
    list_filter = ("role", "state", "error", "timestamp")
    list_select_related = ("conversation__user",)
    search_fields = ("conversation__title", "conversation__user__username")
    raw_id_fields = ("conversation", "parent")
    readonly_fields = tuple(field.name for field in Message._meta.fields)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Read of each text only the beginning: a list must not load megabytes."""
        messages: QuerySet[Message] = super().get_queryset(request)
        name = request.resolver_match.url_name if request.resolver_match else None
        if name and name.endswith("_changelist"):
            start = Substr("content", 1, BEGINNING + 1, output_field=TextField())
            return messages.defer("content", "reasoning").annotate(start=start)
        return messages

    @admin.display(description=_("message"))
    def beginning(self, message: Message) -> str:
        start = message.start if hasattr(message, "start") else message.content
        return Truncator(start).chars(BEGINNING)

    @admin.display(description=_("user"), ordering="conversation__user__username")
    def person(self, message: Message) -> str:
        return message.conversation.user.get_username()


@admin.register(Summary)
class SummaryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("pk", "conversation", "state", "error", "tries", "corrected", "model")
    list_filter = ("state", "error", "corrected", "updated_at")
    list_select_related = ("conversation",)
    search_fields = ("conversation__title", "conversation__user__username")
    readonly_fields = tuple(field.name for field in Summary._meta.fields)
    show_full_result_count = False


@admin.register(SavedPrompt)
class SavedPromptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "user")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user",)
    fields = ("name", "user", "text")
    readonly_fields = ("text",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Share)
class ShareAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Links to conversations: to be found and revoked, not to be made."""

    list_display = ("title", "person", "created_at", "revoked_at")
    list_filter = ("created_at", "revoked_at")
    list_select_related = ("conversation__user",)
    search_fields = ("title", "conversation__user__username")
    raw_id_fields = ("conversation", "tip")
    fields = ("title", "conversation", "tip", "created_at", "revoked_at")
    readonly_fields = ("title", "conversation", "tip", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("user"), ordering="conversation__user__username")
    def person(self, share: Share) -> str:
        return share.conversation.user.get_username()


@admin.register(Transfer)
class TransferAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Exports and imports, to see how they went."""

    list_display = ("pk", "kind", "user", "state", "error", "created_at", "finished_at")
    list_filter = ("kind", "state", "error", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = readonly_fields = (
        "kind",
        "user",
        "state",
        "error",
        "done",
        "total",
        "created_at",
        "finished_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
