"""Locked accounts."""

from django.db.models import F

from apps.users.models import User


def lock(people: list[User]) -> None:
    """Log these people out on all their devices, for good, and let them not log in."""
    chosen = User.objects.filter(pk__in=[person.pk for person in people])
    chosen.update(is_active=False, sessions_ended=F("sessions_ended") + 1)


def unlock(people: list[User]) -> None:
    """Let these people log in again."""
    User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=True)
