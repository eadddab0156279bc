"""What is typed and not sent: kept for each conversation, and for the composer of a new chat.

Each composer has a key. Once it was sent, a draft with its key comes too late and is not kept: it
would bring back what was sent.
"""

import uuid

from django.db.models import QuerySet

from apps.chat.models import Conversation, Draft
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.models import User


def keep_draft(conversation: Conversation, text: str, key: uuid.UUID | None) -> None:
    """Keep what was typed, so that the composer shows it again."""
    rows = Conversation.objects.filter(pk=conversation.pk)
    (rows.exclude(sent_key=key) if key else rows).update(draft=text)


def keep_new_draft(user: User, text: str, key: uuid.UUID | None) -> None:
    """Keep what was typed into the composer of a new chat."""
    Draft.objects.get_or_create(user=user)
    rows = Draft.objects.filter(user=user)
    (rows.exclude(sent_key=key) if key else rows).update(text=text)


def new_draft(user: User) -> str:
    """Return what was last typed into the composer of a new chat."""
    return next(iter(_new_drafts(user=user.pk)), "")  # There is at most one.


@PreparedQuery
def _new_drafts() -> QuerySet[Draft, str]:
    return Draft.objects.filter(user=Parameter("user")).values_list("text", flat=True)


def clear_new_draft(user: User, key: uuid.UUID | None) -> None:
    """Forget what was typed: it was sent, by the composer with this key."""
    Draft.objects.bulk_create(
        [Draft(user=user, sent_key=key)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["text", "sent_key"],
    )
