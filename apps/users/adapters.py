"""What allauth asks us."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.users.login import encryption, guesses

logger = logging.getLogger(__name__)

WRONG_PASSWORD = gettext_lazy("This username and password do not go together.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG_PASSWORD,
        "email_password_mismatch": WRONG_PASSWORD,
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
        "incorrect_code": gettext_lazy("This code is wrong, or it has been used before."),
        "too_many_login_attempts": gettext_lazy(
            "There were too many tries that failed. Wait five minutes, then try again;"
            " after more of them the wait is longer."
        ),
        "too_many_guesses": gettext_lazy(
            "Too many passwords have been tried for this name. Try again in an hour, or from a"
            " browser in which you were logged in before, or set a new password by e-mail."
        ),
        "rate_limited": gettext_lazy("There were too many tries. Wait a moment, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.REGISTRATION_OPEN)

    def get_login_stages(self) -> list[str]:
        ours = {
            "allauth.account.stages.EmailVerificationStage": (
                "apps.users.login.stages.EmailProofStage"
            )
        }
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if "@" in username:  # It could pass for the address of someone else at log-in.
            raise ValidationError(_("A username cannot contain @."))
        return super().clean_username(username, shallow)

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        super().pre_authenticate(request, **credentials)
        if guesses.are_too_many(request, _login_of(credentials)):
            raise self.validation_error("too_many_guesses")

    def authenticate(self, request: HttpRequest, **credentials: object) -> AbstractBaseUser | None:
        """Refuse inactive people too, in the words that a wrong password gets."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        messages.error(request, _("This account is switched off. Ask whoever runs this Parlor."))
        return redirect("login")

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        """Log from where; not for whom, for people type their password there by mistake."""
        logger.warning("log-in failed from %s", self.get_client_ip(request))
        guesses.count(request, _login_of(credentials))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address, from X-Forwarded-For only as far as TRUSTED_PROXIES says."""
        try:
            return super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):  # It came past the proxies.
            return request.META.get("REMOTE_ADDR") or "unknown"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        """Count by person and place, so that nobody can lock out another."""
        return guesses.key_of(request, _login_of(credentials), self.get_client_ip(request))

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # One door: pages for people, no JSON for scripts.

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            # The page says the same as ever, and what was saved stays saved.
            logger.exception("mail %s was not sent", template_prefix)


def _login_of(credentials: dict[str, object]) -> str:
    return str(credentials.get("email", credentials.get("username", ""))).strip().lower()


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)
