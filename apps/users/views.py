from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.decorators import login_required
from apps.core.form_recovery import render_form, restore
from apps.core.htmx import see_other, wants_fragment
from apps.server.admission.view_needs import hashes_password
from apps.users import announcements
from apps.users.forms import ProfileForm
from apps.users.http import UserRequest, posted
from apps.users.models import Announcement

View = Callable[..., HttpResponseBase]

TOO_MANY = {"too_many_login_attempts", "too_many_guesses", "rate_limited"}


def refuse_invalid(view: View) -> View:
    """Give a form that allauth refused its status: 422, or 429 after too many tries."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if request.method == "POST" and form is not None and form.errors:
            codes = {error.code for errors in form.errors.as_data().values() for error in errors}
            response.status_code = 429 if codes & TOO_MANY else 422
        return response

    return wrapper


def recovered(view: View, page: str = "") -> View:
    """Require a log-in for a page of allauth's, and restore its form afterwards."""

    @wraps(view)
    @login_required(page=page)
    def wrapper(request: UserRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is not None:
            restore(request, form)
        return response

    return wrapper


class ConfirmEmail(account.ConfirmEmailView):
    """Confirm an address; who is logged in with another account stays so, and is told."""

    def logout_other_user(self, confirmation: Any) -> None:
        user = self.request.user
        if user.is_authenticated and user.pk != confirmation.email_address.user_id:
            words = _("This address belongs to another account. You are still logged in as {name}.")
            messages.info(self.request, words.format(name=user.get_username()))


login = hashes_password(refuse_invalid(account.login))
logout = account.logout
register_sent = account.email_verification_sent
reauthenticate = hashes_password(recovered(refuse_invalid(account.reauthenticate)))
email = recovered(refuse_invalid(account.email))
change_password = hashes_password(recovered(refuse_invalid(account.password_change)))
set_password = hashes_password(recovered(refuse_invalid(account.password_set)))
confirm_email = ConfirmEmail.as_view()
reset_password = refuse_invalid(account.password_reset)
reset_password_done = account.password_reset_done
reset_password_from_key = hashes_password(refuse_invalid(account.password_reset_from_key))
mfa_index = mfa.index
mfa_authenticate = refuse_invalid(mfa.authenticate)
mfa_reauthenticate = recovered(refuse_invalid(mfa.reauthenticate))
activate_totp = recovered(refuse_invalid(totp.activate_totp))
deactivate_totp = recovered(refuse_invalid(totp.deactivate_totp), "mfa_index")
recovery_codes_page = recovery_codes.view_recovery_codes
generate_recovery_codes = recovered(refuse_invalid(recovery_codes.generate_recovery_codes))
download_recovery_codes = recovery_codes.download_recovery_codes


@hashes_password
@refuse_invalid
def register(request: HttpRequest) -> HttpResponseBase:
    try:
        response: HttpResponseBase = account.signup(request)
    except IntegrityError:  # Someone took the name a moment ago; now the form can say so.
        response = account.signup(request)
    if request.method == "POST" and not settings.REGISTRATION_OPEN:
        response.status_code = HTTPStatus.FORBIDDEN
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: UserRequest) -> HttpResponse:
    form = ProfileForm(posted(request), instance=request.user)
    if form.is_valid():
        user = form.save(commit=False)
        user.save(update_fields=form.Meta.fields)
        language = user.language or translation.get_language_from_request(request)
        with translation.override(language):
            messages.success(request, _("Your profile is saved."))
        return see_other("profile")
    return render_form(request, "users/profile.html", form)


@require_POST
@login_required(page="home", stays=True)
def dismiss_announcement(request: UserRequest, pk: int) -> HttpResponse:
    announcement = get_object_or_404(Announcement, pk=pk)
    announcements.dismiss(request.user, announcement)
    if wants_fragment(request):
        return render(request, "users/_dismissed.html")
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return see_other(back if is_ours else "home")
