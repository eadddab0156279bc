"""The one gate of the AI service: no call leaves that has not just passed it.

What a person asks for is checked when they ask (limits.py), to be refused in words. Until the call
leaves, settings and budgets may be others, an import may have named a model that nobody offers, and
some calls nobody asked for: so each, whatever it is for, is checked here once more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.chat.context import model_selection
from apps.chat.models import Message, Reservation
from apps.chat.usage import budgets, limits
from apps.chat.usage.budgets import Budget
from apps.chat.usage.limit_errors import LimitReached, NoPrice
from apps.gateway.client import GatewayError
from apps.ghibli_converter.models import Picture
from apps.users.models import User

NOTHING = Budget(0, Decimal())
SPARE_SECONDS = 60  # A reservation outlives the longest call by so much.


def let_reply_pass(reply: Message) -> None:
    """Raise GatewayError unless the reply may be asked for now; it counts as in progress."""
    model_selection.check_callable(reply.model)
    with _told():
        limits.check_call(reply.conversation.user, reply.model, needed=NOTHING)


def let_picture_pass(sender: object, *, picture: Picture, **kwargs: Any) -> None:
    """Raise GatewayError unless the picture may be asked for now; it counts as in progress."""
    with _told():
        limits.check_call(picture.user, picture.model, needed=NOTHING, is_picture=True)


@contextmanager
def reserved(user: User, purpose: str, model: str, prompt_tokens: int) -> Iterator[Reservation]:
    """Let a call beside the replies pass, and count it until it is booked. Raise GatewayError."""
    if not (purpose == "title" and model == settings.CHAT_TITLE_MODEL):  # Nobody chose that one.
        model_selection.check_callable(model)
    needed = budgets.expected([(prompt_tokens, model)])
    seconds = settings.OPENAI_TOTAL_SECONDS + SPARE_SECONDS
    with _told(), transaction.atomic():
        limits.hold(user)
        limits.check_call(user, model, needed=needed, is_beside=True)
        row = Reservation.objects.create(
            user=user,
            model=model,
            prompt_tokens=prompt_tokens,
            expires_at=timezone.now() + timedelta(seconds=seconds),
        )
    try:
        yield row
    finally:
        Reservation.objects.filter(pk=row.pk).delete()


def prune() -> None:
    """Remove the reservations whose callers were killed."""
    gone = Reservation.objects.filter(expires_at__lt=timezone.now())
    if gone.exists():
        gone.delete()


@contextmanager
def _told() -> Iterator[None]:
    """Raise what limits say as the gateway's errors, which rows can hold."""
    try:
        yield
    except LimitReached as error:
        raise GatewayError("budget", error.retry_after) from error
    except NoPrice as error:
        raise GatewayError("price") from error
