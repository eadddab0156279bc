"""What a person can do with a conversation."""

import logging
import math
import uuid
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.chat import generation, keeping
from apps.chat.branches import newest_descendant
from apps.chat.models import Conversation, Message, lease, make_title
from apps.users.models import User

logger = logging.getLogger(__name__)


class ReplyInProgress(Exception):
    """The conversation still waits for a reply."""


class TooManyMessages(Exception):
    """The person has sent as many messages as they may in a minute."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds  # Until the next may be sent.


class AlreadySent(Exception):
    """A message with this key exists: the same form was sent twice."""


def start_conversation(user: User, text: str, key: uuid.UUID) -> Message:
    """Store a new conversation with its first message; return the reply that is on its way.

    Raise TooManyMessages, or AlreadySent if the key was used.
    """
    with transaction.atomic():
        conversation = Conversation.objects.create(user=user, title=make_title(text))
        return _ask(conversation, text, key)


def ask(conversation: Conversation, text: str, key: uuid.UUID) -> Message:
    """Store the person's message and return the reply that is on its way.

    Raise TooManyMessages, AlreadySent if the key was used, or ReplyInProgress if the conversation
    still waits for a reply.
    """
    with transaction.atomic():
        return _ask(_locked(conversation), text, key)


def answer_again(reply: Message) -> Message:
    """Ask for another version of the reply, which stays; return the new one.

    Raise ReplyInProgress if the conversation still waits for a reply.
    """
    with transaction.atomic():
        return _queue_reply(_locked(reply.conversation), reply.parent)


def continue_reply(reply: Message) -> Message:
    """Ask for a version of the reply that goes on where it ended; return that version.

    Raise ReplyInProgress if the conversation still waits for a reply.
    """
    with transaction.atomic():
        return _queue_reply(_locked(reply.conversation), reply.parent, content=reply.content)


def stop(reply: Message) -> None:
    """End the reply with what has arrived; do nothing to one that has ended."""
    received = generation.received(reply.pk)
    changes = {"state": Message.State.STOPPED, "finished_at": Now(), **received}
    if Message.objects.in_progress().filter(pk=reply.pk).update(**changes):
        logger.info("reply %s stopped", reply.pk)
    generation.hang_up(reply.pk)


def show_version(message: Message) -> None:
    """Show the branch that goes through the message, up to what was last said in it."""
    tip = newest_descendant(message)
    Conversation.objects.filter(pk=message.conversation_id).update(tip=tip)


def delete_conversation(conversation: Conversation) -> None:
    """Delete the conversation with its messages; a reply on its way is given up."""
    in_progress = list(conversation.messages.in_progress().values_list("pk", flat=True))
    conversation.delete()
    for pk in in_progress:
        generation.hang_up(pk)


def keep_draft(conversation: Conversation, text: str) -> None:
    """Keep what was typed and not sent, so that the composer shows it again."""
    Conversation.objects.filter(pk=conversation.pk).update(draft=text)


def _locked(conversation: Conversation) -> Conversation:
    """Read the row again and hold it: its tip may have moved since the request began.

    A reply whose writer is gone ends here, or it would stand in the way until the next sweep.
    """
    keeping.end_abandoned(conversation.messages.abandoned())
    return Conversation.objects.select_for_update().get(pk=conversation.pk)


def _check_rate(user_id: int) -> None:
    """Count the last minute, with this message, in the table: it is the same for all processes."""
    begin = timezone.now() - timedelta(minutes=1)
    recent = Message.objects.filter(
        timestamp__gt=begin, role=Message.Role.USER, conversation__user=user_id
    )
    times = list(recent.order_by("timestamp").values_list("timestamp", flat=True))
    if (excess := len(times) - 1 - settings.CHAT_MESSAGES_PER_MINUTE) >= 0:
        seconds = (times[excess] - begin).total_seconds()
        raise TooManyMessages(math.ceil(seconds))


def _ask(conversation: Conversation, text: str, key: uuid.UUID) -> Message:
    try:
        question = conversation.messages.create(
            parent_id=conversation.tip_id, role=Message.Role.USER, content=text, key=key
        )
    except IntegrityError as error:
        raise AlreadySent from error
    _check_rate(conversation.user_id)  # After the insert: what is sent twice counts once.
    return _queue_reply(conversation, question, draft="")


def _queue_reply(
    conversation: Conversation,
    question: Message | None,
    content: str = "",
    draft: str | None = None,
) -> Message:
    try:
        reply = conversation.messages.create(
            parent=question,
            role=Message.Role.ASSISTANT,
            state=Message.State.QUEUED,
            content=content,
            lease_until=lease(),
        )
    except IntegrityError as error:
        raise ReplyInProgress from error
    conversation.tip = reply
    conversation.updated_at = Now()
    if draft is not None:
        conversation.draft = draft
    conversation.save(update_fields=["tip", "updated_at", "draft"])
    transaction.on_commit(partial(generation.enqueue, reply.pk, conversation.user_id))
    return reply
