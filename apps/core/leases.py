"""How long a row that a process works on counts as its own."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now


def lease() -> Any:
    """Return the end of a lease that starts now, by the clock of the database."""
    return Now() + timedelta(seconds=settings.CHAT_LEASE_SECONDS)
