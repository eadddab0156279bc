from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.users.models import User

# One door: our log-in page, with its limits and the second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]


@admin.register(User)
class UserAdmin(BaseUserAdmin):  # type: ignore[type-arg]
    list_display = ["username", "email", "display_name", "is_staff", "is_active", "last_login"]
    search_fields = ["username", "email", "display_name"]
    list_select_related = False
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
