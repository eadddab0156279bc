"""What staff tell everybody, until it is over or put away."""

import time

from django.db import transaction
from django.utils import timezone

from apps.users.models import Announcement, User

MEMORY_SECONDS = 30.0  # After which other processes hear of a change.

_known: tuple[float, list[Announcement]] | None = None


def announcements_for(user: User) -> list[Announcement]:
    """Return what to show this person now, newest first; it costs a query twice a minute."""
    now = timezone.now()
    return [
        each
        for each in _announcements()
        if each.starts_at <= now
        and (each.ends_at is None or now < each.ends_at)
        and each.pk not in user.dismissed_announcements
    ]


def dismiss(user: User, announcement: Announcement) -> None:
    """Put the announcement away for this person, on all their devices."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        still_there = Announcement.objects.filter(pk__in=person.dismissed_announcements)
        person.dismissed_announcements = [
            *still_there.exclude(pk=announcement.pk).values_list("pk", flat=True),
            announcement.pk,
        ]
        person.save(update_fields=["dismissed_announcements"])


def forget() -> None:
    """Read the announcements anew: one has been changed."""
    global _known
    _known = None


def _announcements() -> list[Announcement]:
    global _known
    now = time.monotonic()
    if _known is None or now - _known[0] >= MEMORY_SECONDS:
        _known = now, list(Announcement.objects.current())
    return _known[1]
