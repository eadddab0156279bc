"""Models that are switched off soon, or were, and what uses them: told to staff, and in the log."""

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from apps.catalog.catalog import Catalog
from apps.chat.models import Conversation
from apps.users.models import User

logger = logging.getLogger(__name__)

NOTICE_SECONDS = 90 * 86_400
TOLD_SECONDS = 400 * 86_400  # For which the log is not told the same again.


@dataclass(frozen=True, slots=True)
class Ending:
    """A model that ends, or has ended, and what would ask it."""

    name: str
    ends_at: datetime
    conversations: int
    people: int  # Whose default model it is.
    settings: tuple[str, ...]  # The names of those that name it.

    @property
    def is_past(self) -> bool:
        return self.ends_at <= datetime.now(UTC)

    @property
    def is_used(self) -> bool:
        return bool(self.conversations or self.people or self.settings)

    @property
    def uses(self) -> list[str]:
        """What uses it, in words."""
        chats = ngettext("{n} conversation", "{n} conversations", self.conversations)
        people = ngettext(
            "the usual model of {n} person", "the usual model of {n} people", self.people
        )
        return [
            *self.settings,
            *([chats.format(n=self.conversations)] if self.conversations else []),
            *([people.format(n=self.people)] if self.people else []),
        ]


def endings(catalog: Catalog) -> list[Ending]:
    """Return the models that end within NOTICE_SECONDS, and those that have ended but are used.

    What is used comes first, then what ends first.
    """
    until = time.time() + NOTICE_SECONDS
    near = {name: moment for name, moment in catalog.ends.items() if moment <= until}
    if not near:
        return []
    chats = _counts(Conversation.objects.all(), "model", near)
    people = _counts(User.objects.all(), "chat_model", near)
    named = _named(catalog)
    found = [
        Ending(
            name,
            datetime.fromtimestamp(moment, UTC),
            chats.get(name, 0),
            people.get(name, 0),
            tuple(setting for setting, models in named.items() if name in models),
        )
        for name, moment in near.items()
    ]
    told = [ending for ending in found if ending.is_used or not ending.is_past]
    return sorted(told, key=lambda ending: (not ending.is_used, ending.ends_at, ending.name))


def log_endings(catalog: Catalog) -> None:
    """Write each ending that concerns us into the log once, whichever process hears of it."""
    for ending in endings(catalog):
        moment = ending.ends_at.date().isoformat()
        told = hashlib.sha256(f"{ending.name} {moment}".encode()).hexdigest()
        if ending.is_used and caches["rows"].add(f"ending:{told}", True, TOLD_SECONDS):
            verb = "was switched off" if ending.is_past else "is switched off"
            uses = ", ".join(ending.uses)
            logger.warning("the model %s %s on %s; used by: %s", ending.name, verb, moment, uses)


def _counts(rows: QuerySet[Any], field: str, names: Iterable[str]) -> dict[str, int]:
    """Count the rows by the names of models in the field."""
    found = rows.filter(**{f"{field}__in": list(names)}).order_by()
    return dict(found.values_list(field).annotate(Count("pk")))


def _named(catalog: Catalog) -> dict[str, list[str]]:
    """Return which settings name which models; one that names none takes what is newest."""
    is_open = not (settings.CHAT_DEFAULT_MODEL or settings.CHAT_MODELS)
    return {
        "CHAT_DEFAULT_MODEL": [catalog.general if is_open else settings.CHAT_DEFAULT_MODEL],
        "CHAT_TITLE_MODEL": [settings.CHAT_TITLE_MODEL],
        "CHAT_MODELS": settings.CHAT_MODELS,
        "IMAGE_MODEL": [settings.IMAGE_MODEL or catalog.painter],
    }
