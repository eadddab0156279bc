from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin import DeletesFiles
from apps.users import announcements, locking
from apps.users.models import Announcement, User

# One door: our log-in page, with its limits and the second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]


@admin.register(User)
class UserAdmin(DeletesFiles, BaseUserAdmin):  # type: ignore[type-arg]
    list_display = ["username", "email", "display_name", "is_staff", "is_active", "last_login"]
    search_fields = ["username", "email", "display_name"]
    list_select_related = False
    actions = ["lock", "unlock"]
    fieldsets = [
        *(BaseUserAdmin.fieldsets or ()),
        (
            _("Preferences"),
            {
                "fields": [
                    *("display_name", "time_zone", "language", "enter_sends", "theme"),
                    *("chat_model", "system_prompt"),
                ]
            },
        ),
    ]

    @admin.action(description=_("Lock these accounts"), permissions=["change"])
    def lock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(queryset.filter(is_active=True).exclude(username=request.user.get_username()))
        locking.lock(people)
        self._log_all(request, people, gettext("Locked."))
        words = ngettext("{n} account was locked.", "{n} accounts were locked.", len(people))
        messages.success(request, words.format(n=len(people)))

    @admin.action(description=_("Unlock these accounts"), permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(queryset.filter(is_active=False))
        locking.unlock(people)
        self._log_all(request, people, gettext("Unlocked."))
        words = ngettext("{n} account was unlocked.", "{n} accounts were unlocked.", len(people))
        messages.success(request, words.format(n=len(people)))

    def _log_all(self, request: HttpRequest, people: list[User], message: str) -> None:
        for person in people:
            self.log_change(request, person, message)


admin.site.unregister(Authenticator)  # allauth's own page shows the secrets.


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For someone who lost phone and codes: delete the row, and the password alone lets them in."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    fields = ("user", "type", "created_at", "last_used_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["__str__", "level", "is_active", "starts_at", "ends_at"]
    list_filter = ["is_active", "level"]
    search_fields = ["text"]

    def save_model(self, request: HttpRequest, obj: Announcement, *args: Any) -> None:
        super().save_model(request, obj, *args)
        transaction.on_commit(announcements.forget)

    def delete_model(self, request: HttpRequest, obj: Announcement) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(announcements.forget)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Announcement]) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(announcements.forget)
