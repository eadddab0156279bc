from typing import Any, cast

from allauth.account.admin import EmailAddressAdmin as BaseEmailAddressAdmin
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.admin.site import DeletesFiles, gates
from apps.users import announcements, invitations
from apps.users.admin import rights
from apps.users.admin.guards import GrantsOwnRights, GuardedRows
from apps.users.login import locking, two_steps
from apps.users.models import Announcement, Invitation, User


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)  # The admin lets in nobody else.


# One door: our log-in page, with its limits and the second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]
gates.append(two_steps.ask_staff)


@admin.register(User)
class UserAdmin(GuardedRows, GrantsOwnRights, DeletesFiles, BaseUserAdmin):  # type: ignore[type-arg]
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
                    "chat_model",
                ]
            },
        ),
    ]

    def guarded(self, request: HttpRequest) -> QuerySet[User]:
        return rights.manageable_users(_staff(request))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _staff(request).is_superuser else (*fields, "is_superuser")

    @admin.action(description=_("Lock these accounts"), permissions=["change"])
    def lock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        others = queryset.exclude(username=request.user.get_username())
        people = list(self._open(request, others, is_active=True))
        locking.lock(people)
        self._log_all(request, people, gettext("Locked."))
        words = ngettext("{n} account was locked.", "{n} accounts were locked.", len(people))
        messages.success(request, words.format(n=len(people)))

    @admin.action(description=_("Unlock these accounts"), permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(self._open(request, queryset, is_active=False))
        locking.unlock(people)
        self._log_all(request, people, gettext("Unlocked."))
        words = ngettext("{n} account was unlocked.", "{n} accounts were unlocked.", len(people))
        messages.success(request, words.format(n=len(people)))

    def _open(
        self, request: HttpRequest, queryset: QuerySet[User], is_active: bool
    ) -> QuerySet[User]:
        open_rows = self.guarded(request).filter(pk__in=queryset.values("pk"))
        return open_rows.filter(is_active=is_active)

    def _log_all(self, request: HttpRequest, people: list[User], message: str) -> None:
        for person in people:
            self.log_change(request, person, message)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(GuardedRows, GrantsOwnRights, BaseGroupAdmin):
    def guarded(self, request: HttpRequest) -> QuerySet[Group]:
        return rights.grantable_groups(_staff(request))


class RowsOfPeople(GuardedRows, GrantsOwnRights):
    """Rows that belong to a person, by which their account could be taken over."""

    def guarded(self, request: HttpRequest) -> QuerySet[Any]:
        people = rights.manageable_users(_staff(request))
        rows: QuerySet[Any] = self.model._default_manager.all()  # type: ignore[attr-defined]
        return rows.filter(user__in=people)


admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(RowsOfPeople, BaseEmailAddressAdmin):
    actions = ()  # type: ignore[assignment]  # Each is marked on its own page.
    list_select_related = ("user",)


admin.site.unregister(Authenticator)  # allauth's own page shows the secrets.


@admin.register(Authenticator)
class AuthenticatorAdmin(RowsOfPeople, admin.ModelAdmin):  # type: ignore[type-arg]
    """For someone who lost phone and codes: delete the row, and the password alone lets them in."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    fields = ("user", "type", "created_at", "last_used_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One that should not work any more is deleted."""

    list_display = ["__str__", "created_by", "created_at", "expires_at", "used_by", "used_at"]
    list_select_related = ["created_by", "used_by"]
    search_fields = ["note", "used_by__username"]
    readonly_fields = ("link", "created_by", "used_by", "used_at")

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[Any]:
        link = ["link"] if obj and self.has_change_permission(request, obj) else []
        return ["note", "expires_at", *link, "created_by", "used_by", "used_at"]

    @admin.display(description=_("link"))
    def link(self, invitation: Invitation) -> str:
        return invitations.path_of(invitation) if invitation.pk and not invitation.used_at else "-"

    def save_model(self, request: HttpRequest, obj: Invitation, form: object, change: bool) -> None:
        if not change:
            invitations.seal(obj)
            obj.created_by = cast(User, request.user)
        super().save_model(request, obj, form, change)
        if not change:
            messages.info(request, request.build_absolute_uri(invitations.path_of(obj)))


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
