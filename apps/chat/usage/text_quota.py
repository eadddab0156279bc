"""How much text one person may have: messages, texts of files, summaries, drafts and prompts."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Func, IntegerField, Model, QuerySet, Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext

from apps.chat.models import (
    Attachment,
    Conversation,
    Draft,
    Message,
    SavedPrompt,
    StoredText,
    Summary,
)
from apps.core.exceptions import Refused

COUNTED = timedelta(days=7)  # Then all is read once more: a killed process has added nothing.

_TEXTS: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Message: ("conversation__user", ("content", "reasoning")),
    Summary: ("conversation__user", ("text",)),
    Conversation: ("user", ("draft", "system_prompt")),
    Attachment: ("user", ("text",)),
    SavedPrompt: ("user", ("text",)),
    Draft: ("user", ("text",)),
}


class TextFull(Refused):
    """The person's text takes up as much as it may."""

    def __init__(self, used: int) -> None:
        super().__init__()
        self.used = used  # Bytes.

    @property
    def sentence(self) -> str:
        limit = filesizeformat(settings.TEXT_PER_PERSON)
        return gettext(
            "Your text takes up {used} of {limit}."
            " Delete conversations, and empty the trash, to make room."
        ).format(used=filesizeformat(self.used), limit=limit)


class Octets(Func):
    """How many bytes a text has in UTF-8."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "LENGTH(CAST(%(expressions)s AS BLOB))"
        return self.as_sql(compiler, connection, template=template, **context)


def check(user_id: int, more: int = 0) -> None:
    """Raise TextFull where so many bytes more are too much for the person."""
    if not settings.TEXT_PER_PERSON:
        return
    used = used_by(user_id)
    if used >= settings.TEXT_PER_PERSON or used + more > settings.TEXT_PER_PERSON:
        raise TextFull(used)


def take(user_id: int, *texts: str) -> None:
    """Count these texts, which are about to be stored. Raise TextFull."""
    more = size_of(*texts)
    check(user_id, more)
    add(user_id, more)


def add(user_id: int, more: int) -> None:
    if more:
        StoredText.objects.filter(user=user_id).update(size=F("size") + more)


def used_by(user_id: int) -> int:
    since = timezone.now() - COUNTED
    rows = StoredText.objects.filter(user=user_id, counted_at__gt=since)
    size = rows.values_list("size", flat=True).first()
    return _count(user_id) if size is None else size


def forget(sender: object, *, instance: Conversation, **kwargs: Any) -> None:
    """Let all be counted anew, when a conversation is deleted for good."""
    counted = StoredText.objects.filter(user=instance.user_id)
    transaction.on_commit(lambda: counted.delete() and None)


def size_of(*texts: str) -> int:
    return sum(len(text.encode(errors="replace")) for text in texts)


def size_in(rows: QuerySet[Any], *fields: str) -> int:
    """Return how many bytes the texts in these rows have; they stay in the database."""
    sums = rows.order_by().aggregate(**{name: Sum(Octets(name)) for name in fields})
    return sum(size or 0 for size in sums.values())


def _count(user_id: int) -> int:
    size = sum(
        size_in(model._base_manager.filter(**{owner: user_id}), *fields)
        for model, (owner, fields) in _TEXTS.items()
    )
    counted = {"size": size, "counted_at": timezone.now()}
    StoredText.objects.update_or_create(user_id=user_id, defaults=counted)
    return size
