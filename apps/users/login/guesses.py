"""Whose guesses at passwords and codes are counted together.

Those from a browser in which the person was logged in have a count of their own, those from
elsewhere are counted by address, and all these together by the name they try. So a thousand
addresses guess no faster than the name allows, and lock nobody out of their own browsers.
"""

from allauth.core import ratelimit
from django.http import HttpRequest

from apps.server.admission.senders import network_of
from apps.server.last_person import last_person
from apps.users.models import User

ACTION = "login_guessed"


def key_of(request: HttpRequest, login: str, address: str) -> str:
    """Return what tries for this name from here are counted by."""
    place = "own browser" if _is_own_browser(request, login) else network_of(address)
    return f"{login}:{place}"


def are_too_many(request: HttpRequest, login: str) -> bool:
    """Return whether others have tried so many passwords for this name that a stranger waits."""
    if _is_own_browser(request, login):
        return False
    return not ratelimit.consume(request, action=ACTION, key=login, dry_run=True)


def count(request: HttpRequest, login: str) -> None:
    if not _is_own_browser(request, login):
        ratelimit.consume(request, action=ACTION, key=login)


def count_code(request: HttpRequest, user: User) -> bool:
    """Return whether another code may be tried; six digits are soon guessed, so few may be."""
    return ratelimit.consume(request, action="login_failed", key=_code_key(request, user))


def forget_codes(request: HttpRequest, user: User) -> None:
    ratelimit.clear(request, action="login_failed", key=_code_key(request, user))


def _code_key(request: HttpRequest, user: User) -> str:
    is_own = last_person(request.COOKIES) == str(user.pk)
    return f"code:{user.pk}:{'own browser' if is_own else 'elsewhere'}"


def _is_own_browser(request: HttpRequest, login: str) -> bool:
    """Return whether whom the name means was logged in here last, by a signed cookie."""
    person = last_person(request.COOKIES)
    if not person:
        return False
    names = User.objects.filter(pk=person).values_list("username", "email")
    return any(login in (name.lower(), email.lower()) for name, email in names)
