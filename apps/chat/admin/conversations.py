from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.chat.models import (
    Attachment,
    Conversation,
    Draft,
    Message,
    SavedPrompt,
    Share,
    Summary,
    Tag,
    Transfer,
)
from apps.chat.replies.stop import stop_all
from apps.core.admin.site import DeletesFiles, NothingIsAdded
from apps.users.admin.filters import UserFilter


class ReadingIsLogged(ModelAdmin):  # type: ignore[type-arg]
    """Who opens what people said leaves a line in its history."""

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().change_view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):  # Of a refused form, too: it shows the same.
            LogEntry.objects.create(
                user_id=str(request.user.pk),
                content_type=ContentType.objects.get_for_model(self.model),
                object_id=kwargs.get("object_id") or args[0],
                object_repr=str(
                    self.opts.verbose_name
                ),  # The title would outlive its conversation.
                action_flag=CHANGE,
                change_message=gettext("Opened."),
            )
        return response


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
class ConversationAdmin(NothingIsAdded, DeletesFiles, ReadingIsLogged):
    list_display = ("title", "user", "created_at", "updated_at", "deleted_at")
    list_filter = (("user", UserFilter), "created_at", "updated_at", "deleted_at")
    list_select_related = ("user",)
    search_fields = ("title", "user__username")
    date_hierarchy = "created_at"
    fields = (
        *("title", "user", "created_at", "updated_at", "deleted_at"),
        *("model", "temperature", "max_tokens", "system_prompt"),
    )
    readonly_fields = ("user", "created_at", "updated_at", "deleted_at", "system_prompt")
    inlines = (MessageInline,)
    show_full_result_count = False  # Counting a million rows is slow.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return Conversation.with_trash.all()

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        stop_all(obj.messages.all())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        stop_all(Message.objects.filter(conversation__in=queryset))
        super().delete_queryset(request, queryset)


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "user")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user",)


class ProgressFilter(admin.SimpleListFilter):
    title = _("progress")
    parameter_name = "progress"

    def lookups(
        self,
        request: HttpRequest,
        model_admin: ModelAdmin,  # type: ignore[type-arg]
    ) -> list[tuple[str, Any]]:
        return [("yes", _("In progress")), ("stuck", _("Stuck: the lease is over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        match self.value():
            case "yes":
                return queryset.filter(state__in=Message.IN_PROGRESS)
            case "stuck":
                return queryset.filter(state__in=Message.IN_PROGRESS, lease_until__lt=Now())
        return queryset


@admin.register(Draft)
class DraftAdmin(NothingIsAdded, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who has begun a new chat and not sent it; what they typed is theirs alone."""

    list_display = ("user",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = readonly_fields = ("user",)


@admin.register(Message)
class MessageAdmin(NothingIsAdded, ReadingIsLogged):
    """Which replies there are and how they went; what they say is on their own pages, logged."""

    list_display = (
        "pk",
        "role",
        "state",
        "error",
        "person",
        "model",
        "timestamp",
        "lease_until",
    )
    list_filter = (
        *(ProgressFilter, "role", "state", "error"),
        *(("conversation__user", UserFilter), "timestamp"),
    )
    list_select_related = ("conversation__user",)
    search_fields = ("conversation__user__username", "conversation__user__email")
    raw_id_fields = ("conversation", "parent")
    actions = ("stop_replies",)
    readonly_fields = tuple(field.name for field in Message._meta.fields)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave the texts out of the list: they are megabytes, and nobody's to read there."""
        messages: QuerySet[Message] = super().get_queryset(request)
        name = request.resolver_match.url_name if request.resolver_match else None
        if name and name.endswith("_changelist"):
            return messages.defer("content", "reasoning")
        return messages

    @admin.action(description=_("Stop these replies"), permissions=["change"])
    def stop_replies(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        stopped = stop_all(Message.objects.filter(pk__in=queryset.values("pk")))
        words = ngettext("{n} reply was stopped.", "{n} replies were stopped.", stopped)
        messages.success(request, words.format(n=stopped))

    @admin.display(description=_("user"), ordering="conversation__user__username")
    def person(self, message: Message) -> str:
        return message.conversation.user.get_username()


@admin.register(Attachment)
class AttachmentAdmin(NothingIsAdded, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "size", "user", "conversation_id", "created_at")
    list_filter = ("kind", ("user", UserFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    fields = readonly_fields = (
        *("name", "kind", "size", "tokens", "user", "conversation_id", "message", "created_at"),
        *("width", "height", "chars", "given_chars", "pages", "pages_read", "remarks"),
    )
    show_full_result_count = False


@admin.register(Summary)
class SummaryAdmin(NothingIsAdded, ReadingIsLogged):
    list_display = ("pk", "conversation_id", "state", "error", "tries", "corrected", "model")
    list_filter = ("state", "error", "corrected", "updated_at")
    list_select_related = False
    search_fields = ("conversation__user__username",)
    readonly_fields = tuple(field.name for field in Summary._meta.fields)
    show_full_result_count = False


@admin.register(SavedPrompt)
class SavedPromptAdmin(NothingIsAdded, ReadingIsLogged):
    list_display = ("name", "user")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    fields = ("name", "user", "text")
    readonly_fields = ("user", "text")
    show_full_result_count = False


@admin.register(Share)
class ShareAdmin(NothingIsAdded, admin.ModelAdmin):  # type: ignore[type-arg]
    """Links to conversations: to be found and revoked, not to be made."""

    list_display = ("title", "person", "created_at", "revoked_at")
    list_filter = ("created_at", "revoked_at")
    list_select_related = ("conversation__user",)
    search_fields = ("title", "conversation__user__username")
    raw_id_fields = ("conversation", "tip")
    fields = ("title", "conversation", "tip", "created_at", "revoked_at")
    readonly_fields = ("title", "conversation", "tip", "created_at")

    @admin.display(description=_("user"), ordering="conversation__user__username")
    def person(self, share: Share) -> str:
        return share.conversation.user.get_username()


@admin.register(Transfer)
class TransferAdmin(NothingIsAdded, admin.ModelAdmin):  # type: ignore[type-arg]
    """Exports and imports, to see how they went."""

    list_display = ("pk", "kind", "user", "state", "error", "created_at", "finished_at")
    list_filter = ("kind", "state", "error", ("user", UserFilter), "created_at")
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
