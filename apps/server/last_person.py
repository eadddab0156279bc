"""Who was logged in last in a browser: the writer of what comes from it without a session."""

from collections.abc import Mapping

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

_COOKIE = "last_person"
_SIGNER = signing.Signer(salt="apps.core.form_recovery")  # Browsers hold what it has signed.


def remember_person(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note in the browser who is logged in."""
    pk = str(request.user.pk)
    if last_person(request.COOKIES) != pk:
        response.set_cookie(
            _COOKIE,
            _SIGNER.sign(pk),
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def last_person(cookies: Mapping[str, str]) -> str:
    """Return the id of who was logged in last in the browser with these cookies, or ""."""
    try:
        return _SIGNER.unsign(cookies.get(_COOKIE, ""))
    except signing.BadSignature:
        return ""
