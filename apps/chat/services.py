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

from apps.chat import generation, keeping, model_choice
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


def start_conversation(user: User, text: str, key: uuid.UUID, model: str = "") -> Message:
    """Store a new conversation with its first message; return the reply that is on its way.

    Without a model the usual one answers. Raise TooManyMessages, ModelNotOffered, or AlreadySent
    if the key was used.
    """
    with transaction.atomic():
        conversation = Conversation.objects.create(user=user, title=make_title(text))
        return _ask(conversation, text, key, model)


def ask(conversation: Conversation, text: str, key: uuid.UUID, model: str = "") -> Message:
    """Store the person's message and return the reply that is on its way.

    The model, if one is given, answers from now on. Raise TooManyMessages, ModelNotOffered,
    AlreadySent if the key was used, or ReplyInProgress if the conversation still waits for a reply.
    """
    with transaction.atomic():
        return _ask(_locked(conversation), text, key, model)


def answer_again(reply: Message, model: str = "") -> Message:
    """Ask for another version of the reply, which stays; return the new one.

    A model that is given writes this version; only where the conversation's was not available, it
    answers from now on. Raise ModelNotOffered, or ReplyInProgress if the conversation still waits
    for a reply.
    """
    with transaction.atomic():
        conversation = _locked(reply.conversation)
        if model:
            model_choice.check(model, conversation)
        if model and reply.error == "model":
            conversation.model = model
        return _queue_reply(conversation, reply.parent, model=model)


def continue_reply(reply: Message) -> Message:
    """Ask its model for a version of the reply that goes on where it ended; return that version.

    Raise ReplyInProgress if the conversation still waits for a reply.
    """
    with transaction.atomic():
        conversation = _locked(reply.conversation)
        return _queue_reply(conversation, reply.parent, content=reply.content, model=reply.model)


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
    """Put the conversation into the trash; a reply on its way is stopped."""
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=Now())
    for reply in conversation.messages.in_progress():
        stop(reply)


def keep_draft(conversation: Conversation, text: str) -> None:
    """Keep what was typed and not sent, so that the composer shows it again."""
    Conversation.objects.filter(pk=conversation.pk).update(draft=text)


def choose_model(conversation: Conversation, model: str) -> None:
    """Let the model answer from now on; do nothing if it is not on offer."""
    if model != conversation.model and model in model_choice.choices():
        Conversation.objects.filter(pk=conversation.pk).update(model=model)


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


def _ask(conversation: Conversation, text: str, key: uuid.UUID, model: str) -> Message:
    if model:
        model_choice.check(model, conversation)
        conversation.model = model
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
    model: str = "",
) -> Message:
    try:
        reply = conversation.messages.create(
            parent=question,
            role=Message.Role.ASSISTANT,
            state=Message.State.QUEUED,
            content=content,
            model=model_choice.model_of(conversation, model),
            lease_until=lease(),
        )
    except IntegrityError as error:
        raise ReplyInProgress from error
    conversation.tip = reply
    conversation.updated_at = Now()
    if draft is not None:
        conversation.draft = draft
    conversation.save(update_fields=["tip", "updated_at", "draft", "model"])
    transaction.on_commit(partial(generation.enqueue, reply.pk, conversation.user_id))
    return reply
