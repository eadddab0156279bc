"""The account of pictures, which the gallery makes: each is a call that is booked and counted."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from apps.chat.models import UsageRecord
from apps.chat.usage import pricing, records
from apps.ghibli_converter.models import Picture, PictureQuerySet
from apps.users.models import User

# Outcomes after which the service has probably drawn it, and asks for its money.
DRAWN = ("done", "stopped", "restarted", "timeout", "cut", "unreadable")


def book(sender: object, *, picture: Picture, outcome: str, seconds: float, **kwargs: Any) -> None:
    """Book the call; it is sent in the transaction that stores how it ended."""
    records.record(
        user_id=picture.user_id,
        purpose=records.Purpose.PICTURE,
        model=picture.model,
        usage=None,
        estimated=(0, 0),
        seconds=seconds,
        first_seconds=None,
        outcome=outcome,
    )


def count_since(user: User, moment: datetime) -> int:
    """Return how many pictures the person has had, those on their way included.

    What is deleted counts, too.
    """
    drawn = UsageRecord.objects.filter(
        user=user, purpose=records.Purpose.PICTURE, created_at__gte=moment, outcome__in=DRAWN
    )
    return drawn.count() + count_in_progress(user)


def count_in_progress(user: User) -> int:
    return _in_progress(user).count()


def cost_in_progress(user: User | None = None) -> Decimal:
    """Return what the pictures that are not booked yet will cost, of a person or of all."""
    models = _in_progress(user).values_list("model", flat=True)
    return sum((pricing.cost_of_picture(model) or Decimal() for model in models), Decimal())


def _in_progress(user: User | None) -> PictureQuerySet:
    if user is None:
        return Picture.with_trash.in_progress()
    # The sum keeps SQLite from reading all that the person ever made: those in progress are few.
    own = Picture.with_trash.in_progress().annotate(owner=F("user_id") + 0)
    return own.filter(owner=user.pk)
