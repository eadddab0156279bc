"""Whether someone has to have two steps, and has."""

from typing import cast

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def are_needed_by_staff() -> bool:
    if settings.STAFF_TWO_STEPS == "auto":
        staff = {"user__is_staff": True, "user__is_active": True}
        return Authenticator.objects.filter(type=Authenticator.Type.TOTP, **staff).exists()
    return bool(settings.STAFF_TWO_STEPS == "always")


def ask_staff(request: HttpRequest) -> HttpResponse | None:
    """Send staff who need two steps and have one to where they are switched on."""
    has_them = is_mfa_enabled(cast(AbstractBaseUser, request.user))
    if has_them or not are_needed_by_staff():
        return None
    messages.warning(
        request,
        _("The administration needs two-step log-in. Switch it on here, then go back to it."),
    )
    return redirect("mfa_activate_totp")
