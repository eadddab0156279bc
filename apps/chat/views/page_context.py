"""What the pages of a conversation are made of; shared by the views that show one."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import SimpleLazyObject

from apps.chat.conversations.listing import list_conversations
from apps.chat.forms.messages import SummaryForm
from apps.chat.message_tree import (
    Shown,
    ancestors,
    following,
    ids_between,
    just_asked,
    newest_descendant,
    shown_branch,
)
from apps.chat.models import Conversation, Message, Tag
from apps.chat.replies import recovery
from apps.chat.replies.streaming import follow
from apps.chat.summaries import services as summaries
from apps.chat.views.composer import composer_context
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.http import UserRequest
from apps.users.models import User

MOST_PAGES = 10  # That one page holds when earlier messages are put before it.
NEWEST = 10  # Messages among which the last one sent to a model is looked for.


def owned(request: UserRequest, pk: int, role: str = "") -> Message:
    """Return the person's own message with its conversation, or answer 404."""
    for message in _owned(pk=pk, user=request.user.pk):
        if role in ("", message.role):
            return message
    raise Http404


@PreparedQuery
def _owned() -> QuerySet[Message]:
    messages = Message.objects.owned_by(Parameter("user")).filter(pk=Parameter("pk"))
    return messages.select_related("conversation")


def conversation_context(
    user: User, conversation: Conversation, *, last_id: int | None = None, limit: int = 0
) -> dict[str, Any]:
    """Return what the page of a conversation shows: its messages up to `last_id`, or all."""
    return {
        **messages_context(conversation, last_id=last_id, limit=limit),
        **list_context(user, conversation),
        **composer_context(user, conversation.draft, conversation),
    }


def asked_context(user: User, reply: Message) -> dict[str, Any]:
    """Return what the page shows of a question that was stored just now."""
    conversation = reply.conversation
    return {
        **_shown_context(conversation, just_asked(reply)),
        **list_context(user, conversation),
        **composer_context(user, conversation.draft, conversation),
    }


def messages_context(
    conversation: Conversation, *, last_id: int | None = None, limit: int = 0
) -> dict[str, Any]:
    limit = limit or settings.CHAT_PAGE_SIZE
    shown = shown_branch(conversation, last_id or conversation.tip_id, limit + 1)
    if (reply := in_progress(shown)) and recovery.end_if_abandoned(reply):
        shown = shown_branch(conversation, last_id or conversation.tip_id, limit + 1)
    earlier = shown[0] if len(shown) > limit else None
    shown = shown[1:] if earlier else shown
    return {
        "earlier": earlier,
        "is_past": last_id is not None,
        "until": last_id,
        **_shown_context(conversation, shown),
    }


def _shown_context(conversation: Conversation, shown: list[Shown]) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "shown_messages": shown,
        "reply": in_progress(shown),
        **context_window_of(conversation, shown),
        **growing(shown),
    }


def context_window_of(conversation: Conversation, shown: list[Shown]) -> dict[str, Any]:
    """Return what the model does not see of the conversation, if that ends on this page."""
    messages = [each.message for each in reversed(shown)]
    is_newest = not messages or messages[0].pk == conversation.tip_id
    newest = messages if is_newest else ancestors(conversation.tip_id, NEWEST)
    first_seen = summaries.first_seen(newest)
    if first_seen not in [message.pk for message in messages]:
        return {}
    return context_window(conversation, first_seen)


def context_window(conversation: Conversation, first_seen: int | None) -> dict[str, Any]:
    """Return what the model has in place of what is before the first message that it sees."""
    if first_seen is None:
        return {}
    sight = summaries.sight(conversation, first_seen)
    return {"sight": sight, **summary_context(sight.summarised)}


def summary_context(
    summarised: summaries.Summarised, form: SummaryForm | None = None
) -> dict[str, Any]:
    """Return what a summary is shown with."""
    return {
        "summarised": summarised,
        "summary_form": form or SummaryForm(summary=summarised.summary),
    }


def context_around(user: User, conversation: Conversation, message: Message) -> dict[str, Any]:
    """Return what the page shows that holds the message, on whichever branch it lies.

    The conversation goes on from its own tip all the same.
    """
    half = settings.CHAT_PAGE_SIZE // 2
    tip_id = conversation.tip_id
    last_id = following(message, tip_id, half)
    if other_branch := last_id is None:
        tip_id = newest_descendant(message).pk
        last_id = following(message, tip_id, half)
    is_newest = last_id == conversation.tip_id
    context = conversation_context(user, conversation, last_id=None if is_newest else last_id)
    other = {"other_branch": message if other_branch else None, "is_branch_end": last_id == tip_id}
    return {**context, **other}


def context_between(
    user: User, conversation: Conversation, first: Message, last: Message | None
) -> dict[str, Any]:
    """Return what the page shows that begins with one message and ends with another, or the tip."""
    count = _count_between(conversation, first.pk, last)
    if not count:  # It lies on another branch, or there are too many.
        return context_around(user, conversation, first)
    last_id = last.pk if last else None
    return conversation_context(user, conversation, last_id=last_id, limit=count)


def address_between(
    conversation: Conversation, first: int | None, last: Message | None = None
) -> str:
    """Return the address of the messages from one to another; it is empty if they are too many."""
    if first is None or not _count_between(conversation, first, last):
        return ""
    query = {"from": first} | ({"until": last.pk} if last else {})
    return f"{conversation.get_absolute_url()}?{urlencode(query)}"


def _count_between(conversation: Conversation, first: int, last: Message | None) -> int:
    """Return how many messages one page shows from the first to the last; 0 if none can."""
    last_id = last.pk if last else conversation.tip_id
    ids = ids_between(first - 1, last_id) if last_id else []
    fits = len(ids) <= MOST_PAGES * settings.CHAT_PAGE_SIZE
    return len(ids) if fits and first in ids else 0


def address_of(message: Message) -> str:
    """Return where the message is shown: on the newest page of its conversation, or around it."""
    tip_id = message.conversation.tip_id
    if following(message, tip_id, settings.CHAT_PAGE_SIZE - 1) == tip_id:
        return message.get_absolute_url()
    return f"{message.conversation.get_absolute_url()}?at={message.pk}#message-{message.pk}"


def in_progress(shown: list[Shown]) -> Message | None:
    """Return the reply that is on its way."""
    last = shown[-1].message if shown else None
    return last if last and last.is_in_progress else None


def growing(shown: list[Shown]) -> dict[str, Any]:
    """Return what there is of the reply that is on its way, as HTML, and how much that is."""
    reply = in_progress(shown)
    if reply is None:
        return {}
    return {"growing": follow.partial(reply)}


def list_context(
    user: User, current: Conversation | None = None, tag: Tag | None = None, number: int = 1
) -> dict[str, Any]:
    page, groups = list_conversations(user, number, tag)
    tags = SimpleLazyObject(partial(_names_of_tags, user=user.pk))  # Read by whole pages only.
    return {"page": page, "groups": groups, "current": current, "tags": tags, "tag": tag}


@PreparedQuery
def _names_of_tags() -> QuerySet[Tag, str]:
    return Tag.objects.filter(user=Parameter("user")).values_list("name", flat=True)
