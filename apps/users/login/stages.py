"""What a log-in has to pass besides the password."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import EmailVerificationStage
from django.conf import settings
from django.http import HttpResponseBase

from apps.users.models import User


class EmailProofStage(EmailVerificationStage):
    """Where registration needs an e-mail address, let nobody in who has not confirmed theirs."""

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        if not needs_proof(self.login):
            response, goes_on = super().handle()  # type: ignore[no-untyped-call]
            return response, goes_on
        send_verification_email_at_login(self.request, self.login)
        return get_adapter().respond_email_verification_sent(self.request, self.login.user), True


def needs_proof(login: Login) -> bool:
    """Return whether the person has yet to confirm an address; staff made others by hand."""
    if settings.REGISTRATION_NEEDS != "email":
        return False
    if login.signup or login.user is None:
        return True
    user = cast(User, login.user)
    addresses = EmailAddress.objects.filter(user_id=user.pk)
    confirmed = set(addresses.values_list("verified", flat=True))
    return confirmed == {False} and not user.is_staff
