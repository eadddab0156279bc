"""Our fields for allauth's forms, and the profile."""

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from apps.core.text import clean_text
from apps.users import invitations
from apps.users.login import guesses
from apps.users.models import Invitation, User
from apps.users.time_zones import time_zone_choices

Texts = Mapping[str, Any]  # Lazy translations have no type of their own.

CODE_REUSE_SECONDS = 120  # Longer than any code is valid.
EMAIL_MAX_CHARS = 254
PASSWORD_RULES = _("At least 8 characters; not only digits, no common word, not like your name.")


class PlainForm(forms.Form):
    """A form of allauth's with our words; no placeholders, and new passwords only once."""

    labels: ClassVar[Texts] = {}
    hints: ClassVar[Texts] = {}
    attributes: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields.pop("password2", None)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs |= self.attributes.get(name, {})
            if isinstance(field, forms.EmailField):
                field.widget.attrs["maxlength"] = EMAIL_MAX_CHARS
                field.validators.append(MaxLengthValidator(EMAIL_MAX_CHARS))


class LoginForm(PlainForm, account.LoginForm):
    labels = {
        "login": _("Username"),
        "password": _("Password"),
        "remember": _("Keep me logged in on this device"),
    }
    hints = {"login": _("Your e-mail address works too.")}
    attributes = {"login": {"autocomplete": "username", "autocapitalize": "none"}}

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        return field_name == "remember" or super().get_initial_for_field(field, field_name)

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)

    def user_credentials(self) -> dict[str, str]:
        """Name the person once: with two names a known address would cost two hashes, and show."""
        return {
            "username": self.cleaned_data["login"],
            "password": self.cleaned_data["password"],
        }


class RegisterForm(PlainForm, account.SignupForm):  # type: ignore[misc]
    labels = {
        "username": _("Username"),
        "email": _("E-mail (optional)"),
        "password1": _("Password"),
    }
    hints = {
        "username": _("Letters, digits and . + - _"),
        "email": _("For a new password, should you forget yours."),
        "password1": PASSWORD_RULES,
    }
    attributes = {"username": {"autocapitalize": "none"}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.invitation: Invitation | None = None
        if settings.REGISTRATION_NEEDS == "email":
            self.fields["email"].required = True
            self.fields["email"].label = _("E-mail")
            self.fields["email"].help_text = _("We send a link to it, to be opened once.")
        if settings.REGISTRATION_NEEDS == "invitation":
            request = context.request
            self.fields[invitations.FIELD] = forms.CharField(
                label=_("Invitation"),
                max_length=200,
                initial=request.GET.get(invitations.FIELD, ""),
                help_text=_("The end of the link that you were sent."),
                widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
            )

    def clean_invitation(self) -> str:
        token: str = self.cleaned_data[invitations.FIELD]
        self.invitation = invitations.find(token)
        if self.invitation is None:
            raise forms.ValidationError(
                _("This invitation does not work: it was used, or is too old. Ask for another.")
            )
        return token

    def save(self, request: HttpRequest) -> AbstractBaseUser:
        """Make the account. Raise IntegrityError if its name, or the invitation, is taken."""
        with invitations.claimed(self.invitation):
            user: AbstractBaseUser = super().save(request)
        invitations.note_user(self.invitation, user)
        return user


class ChangePasswordForm(PlainForm, account.ChangePasswordForm):
    labels = {"oldpassword": _("Current password"), "password1": _("New password")}
    hints = {"password1": PASSWORD_RULES}


class SetPasswordForm(PlainForm, account.SetPasswordForm):
    labels = {"password1": _("New password")}
    hints = {"password1": PASSWORD_RULES}


class ResetPasswordKeyForm(PlainForm, account.ResetPasswordKeyForm):
    labels = {"password1": _("New password")}
    hints = {"password1": PASSWORD_RULES}


class ResetPasswordForm(PlainForm, account.ResetPasswordForm):
    labels = {"email": _("E-mail")}

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        if not self.users:  # A token for nobody, so that the time taken tells nothing.
            account.default_token_generator.make_token(User(pk=0))
        return super().save(request, **kwargs)


class AddEmailForm(PlainForm, account.AddEmailForm):
    labels = {"email": _("New e-mail address")}


class ReauthenticateForm(PlainForm, account.ReauthenticateForm):
    labels = {"password": _("Password")}


def _use_once(user: User, code: str) -> None:
    """Take no code twice, however it is spelt: allauth forgets it before it expires."""
    plain = "".join(filter(str.isalnum, code)).lower()
    if not cache.add(f"mfa-code:{user.pk}:{plain}", True, CODE_REUSE_SECONDS):
        raise forms.ValidationError(_("This code is wrong, or it has been used before."))


class CodeForm(PlainForm):
    """Ask for a code."""

    labels = {"code": _("Code")}
    hints = {"code": _("From your authenticator app, or one of your recovery codes.")}
    attributes = {"code": {"inputmode": "numeric"}}
    user: User

    def clean_code(self) -> str:
        """As allauth's, but what strangers try is not counted against the person's own browser."""
        code: str = self.cleaned_data["code"]
        if not guesses.count_code(context.request, self.user):
            raise get_adapter().validation_error("too_many_login_attempts")
        rows = Authenticator.objects.filter(user=self.user).select_related("user")
        found = next((row for row in rows if row.wrap().validate_code(code)), None)
        if found is None:
            raise get_adapter().validation_error("incorrect_code")
        _use_once(self.user, code)
        guesses.forget_codes(context.request, self.user)
        self.authenticator = found
        return code


class MfaAuthenticateForm(CodeForm, mfa.AuthenticateForm):
    pass


class MfaReauthenticateForm(CodeForm, mfa.ReauthenticateForm):
    pass


class ActivateTotpForm(PlainForm, totp.ActivateTOTPForm):
    labels = {"code": _("Code")}
    hints = {"code": _("The six digits that the app shows now.")}
    attributes = {"code": {"inputmode": "numeric"}}

    def clean_code(self) -> str:
        code: str = super().clean_code()
        _use_once(self.user, code)  # It switches two steps on, and does not log in as well.
        return code


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    enter_sends = forms.TypedChoiceField(
        label=_("The Enter key"),
        choices=[(True, _("Sends the message")), (False, _("Makes a new line"))],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = User
        fields = ["display_name", "time_zone", "language", "enter_sends", "shortcuts", "theme"]
        widgets = {
            "display_name": forms.TextInput({"autocomplete": "nickname"}),
            "time_zone": forms.Select,
            "theme": forms.RadioSelect,
        }
        help_texts = {
            "display_name": _("What Parlor calls you."),
            "shortcuts": _("Switch them off if they get in the way of other keys you use."),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["time_zone"].widget.choices = time_zone_choices(self.instance.time_zone)
        self.fields["language"].widget.choices = _languages()

    def clean_display_name(self) -> str:
        return " ".join(clean_text(self.cleaned_data["display_name"]).split())


def _languages() -> list[tuple[str, Any]]:
    """Return the languages as choices, each by its own name."""
    choices: list[tuple[str, Any]] = [("", _("As the browser says"))]
    for code, _english in settings.LANGUAGES:
        choices.append((code, get_language_info(code)["name_local"].title()))
    return choices
