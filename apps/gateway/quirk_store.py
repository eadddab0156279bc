"""What is learnt about models, in rows: so every process and the next start know it."""

import logging
import time
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from apps.core.models import ModelQuirk
from apps.gateway import model_quirks as quirks

FRESH_SECONDS = 30.0
KEPT = timedelta(days=7)  # A server may be given more room, and an account more rights.
_MODEL_LENGTH, _SERVICE_LENGTH = 200, 500

logger = logging.getLogger(__name__)

_read_at: dict[quirks.Key, float] = {}  # time.monotonic()


def load(model: str) -> None:
    """Know what any process has learnt about the model; cheap when that was read a moment ago."""
    about = quirks.key(model)
    now = time.monotonic()
    if now - _read_at.get(about, -FRESH_SECONDS) < FRESH_SECONDS:
        return
    rows = ModelQuirk.objects.filter(
        service=about[0][:_SERVICE_LENGTH],
        model=about[1][:_MODEL_LENGTH],
        learned_at__gt=timezone.now() - KEPT,
    )
    quirks.replace(about, dict(rows.values_list("name", "value")))
    _read_at[about] = now


def save() -> None:
    """Share what this process has learnt. What the database does not take is tried again later."""
    news = quirks.unsaved()
    if not news:
        return
    now = timezone.now()
    rows = [
        ModelQuirk(
            service=service[:_SERVICE_LENGTH],
            model=model[:_MODEL_LENGTH],
            name=name,
            value=value,
            learned_at=now,
        )
        for (service, model), name, value in news
    ]
    try:
        ModelQuirk.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["service", "model", "name"],
            update_fields=["value", "learned_at"],
        )
    except DatabaseError:
        logger.warning("what was learnt about models is not saved", exc_info=True)
        return
    for about, name, _ in news:
        quirks.mark_saved(about, name)


def forget() -> None:
    """Know nothing, as at the first start; the rows stay."""
    quirks.forget()
    _read_at.clear()
