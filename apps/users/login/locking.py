"""Keeping people out, and letting them in again."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.users.models import User


def lock(people: list[User]) -> None:
    """Keep these people out, at once and on all their devices."""
    User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=False)
    _end_sessions({str(person.pk) for person in people})


def unlock(people: list[User]) -> None:
    """Let these people log in again."""
    User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=True)


def _end_sessions(user_ids: set[str]) -> None:
    """End them for good: an account that is not active has none, but would have them back."""
    current = Session.objects.filter(expire_date__gt=timezone.now())
    for session in current.iterator():  # Whose each is stands inside it only.
        if session.get_decoded().get(SESSION_KEY) in user_ids:
            session.delete()
