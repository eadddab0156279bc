"""Quirk store: model quirks in the database, shared by all processes and kept over a restart."""

import logging
import time
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from apps.core.models import ModelQuirk
from apps.gateway import model_quirks as quirks

FRESH_SECONDS = 30.0
KEPT = timedelta(days=7)  # A server's context window may grow, and an account's rights.
_MODEL_LENGTH, _SERVICE_LENGTH = 200, 500

logger = logging.getLogger(__name__)

_read_at: dict[quirks.Key, float] = {}  # time.monotonic()


def load(model: str) -> None:
    """Load the model's saved quirks, at most once in FRESH_SECONDS."""
    model_key = quirks.key(model)
    now = time.monotonic()
    if now - _read_at.get(model_key, -FRESH_SECONDS) < FRESH_SECONDS:
        return
    rows = ModelQuirk.objects.filter(
        service=model_key[0][:_SERVICE_LENGTH],
        model=model_key[1][:_MODEL_LENGTH],
        learned_at__gt=timezone.now() - KEPT,
    )
    quirks.replace(model_key, dict(rows.values_list("name", "value")))
    _read_at[model_key] = now


def save() -> None:
    """Save what this process has learnt; after a database error the next call tries again."""
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
        logger.warning("model quirks are not saved", exc_info=True)
        return
    for model_key, name, _ in news:
        quirks.mark_saved(model_key, name)


def forget() -> None:
    """Clear the process's memory; the rows stay."""
    quirks.forget()
    _read_at.clear()
