"""What a person can do with a conversation."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext

from apps.chat.attachments.services import attach, copy_attachments, files_title
from apps.chat.context import model_selection
from apps.chat.conversations.drafts import clear_new_draft
from apps.chat.message_tree import newest_descendant
from apps.chat.models import Conversation, Message, lease, make_title
from apps.chat.replies import image_replies, queue, recovery
from apps.chat.usage import limits, records, text_quota
from apps.core.db.prepared_queries import Changes, Parameter, PreparedUpdate
from apps.core.exceptions import Refused
from apps.ghibli_converter import services as ghibli_converter
from apps.users.models import User


class ReplyInProgress(Refused):
    """The conversation still waits for a reply."""

    @property
    def sentence(self) -> str:
        return gettext("Wait for the reply, or stop it, before you ask again.")


class AlreadySent(Exception):
    """A message with this key exists: the same form was sent twice."""


def start_conversation(
    user: User,
    text: str,
    key: uuid.UUID,
    model: str = "",
    attachments: Sequence[int] = (),
    composer: uuid.UUID | None = None,
) -> Message:
    """Store a new conversation with its first message; return the reply that is on its way.

    Without a model the usual one answers. `attachments` are the ids of waiting files that go with
    the message. Drafts of this composer come too late from now on. Raise LimitReached,
    ModelNotOffered, FilesGone, or AlreadySent if the key was used.
    """
    with transaction.atomic():
        title = make_title(image_replies.words_of(text) or text or files_title(attachments))
        conversation = Conversation.objects.create(user=user, title=title)
        clear_new_draft(user, composer)
        return _ask(conversation, None, text, key, model, attachments)


def ask(
    conversation: Conversation,
    text: str,
    key: uuid.UUID,
    model: str = "",
    attachments: Sequence[int] = (),
    composer: uuid.UUID | None = None,
) -> Message:
    """Store the person's message and return the reply that is on its way.

    The model, if one is given, answers from now on. `attachments` are the ids of waiting files that
    go with the message. Drafts of this composer come too late. Raise LimitReached, ModelNotOffered,
    FilesGone, AlreadySent if the key was used, ReplyInProgress if the conversation still waits for
    a reply, or Conversation.DoesNotExist if it was deleted a moment ago.
    """
    with transaction.atomic():
        conversation = _locked(conversation)
        conversation.draft, conversation.sent_key = "", composer
        return _ask(conversation, conversation.tip_id, text, key, model, attachments)


def edit(
    question: Message,
    text: str,
    key: uuid.UUID,
    model: str = "",
    attachments: Sequence[int] = (),
) -> Message:
    """Store another version of the person's message, which stays; return its own reply.

    Its files go with the new version, too. Raise what ask() raises.
    """
    with transaction.atomic():
        conversation = _locked(question.conversation)
        parent_id = question.parent_id
        return _ask(conversation, parent_id, text, key, model, attachments, earlier=question)


def answer_again(reply: Message, model: str = "") -> Message:
    """Ask for another version of the reply, which stays; return the new one.

    A model that is given writes this version; only where the conversation's was not available, or
    had too little room, it answers from now on. Raise LimitReached, ModelNotOffered,
    ReplyInProgress if the conversation still waits for a reply, or Conversation.DoesNotExist if it
    was deleted a moment ago.
    """
    with transaction.atomic():
        conversation = _locked(reply.conversation)
        if model:
            model_selection.check(model, conversation)
        if model and reply.error in ("model", "context"):
            conversation.model = model
        return _queue_reply(conversation, reply.parent, model=model)


def continue_reply(reply: Message) -> Message:
    """Ask its model for a version of the reply that goes on where it ended; return that version.

    Where that is not on offer, the conversation's goes on.
    Raise what answer_again() raises.
    """
    with transaction.atomic():
        conversation = _locked(reply.conversation)
        model = reply.model if model_selection.may_choose(reply.model) else ""
        going_on = _queue_reply(conversation, reply.parent, content=reply.content, model=model)
        copy_attachments(reply, going_on)
        Message.objects.filter(pk=going_on.pk).update(sources=reply.sources)
        return going_on


def show_version(message: Message) -> None:
    """Show the branch that goes through the message, up to what was last said in it."""
    tip = newest_descendant(message)
    Conversation.objects.filter(pk=message.conversation_id).update(tip=tip)


def choose_model(conversation: Conversation, model: str) -> None:
    """Let the model answer from now on; do nothing if it is not on offer."""
    if model and model != conversation.model and model_selection.may_choose(model):
        Conversation.objects.filter(pk=conversation.pk).update(model=model)


def _locked(conversation: Conversation) -> Conversation:
    """Read the row again and hold it: its tip may have moved since the request began.

    A reply whose writer is gone ends here, or it would stand in the way until the next sweep.
    """
    recovery.end_abandoned(conversation.messages.abandoned())
    rows = Conversation.objects.select_related("user").select_for_update(of=("self",))
    return rows.get(pk=conversation.pk)


def _ask(
    conversation: Conversation,
    parent_id: int | None,
    text: str,
    key: uuid.UUID,
    model: str,
    attachments: Sequence[int],
    earlier: Message | None = None,
) -> Message:
    if model:
        model_selection.check(model, conversation)
        conversation.model = model
    text_quota.take(conversation.user_id, text)
    try:
        question = conversation.messages.create(
            parent_id=parent_id, role=Message.Role.USER, content=text, key=key
        )
    except IntegrityError as error:
        raise AlreadySent from error
    attach(question, attachments, earlier)
    return _queue_reply(conversation, question)


def _queue_reply(
    conversation: Conversation, question: Message | None, content: str = "", model: str = ""
) -> Message:
    words = image_replies.words_of(question.content) if question else None
    if words:
        return _queue_picture(conversation, question, words)
    prompt_tokens = records.expected_prompt(question)
    model = model_selection.model_of(conversation, model)
    limits.check(conversation.user, prompt_tokens=prompt_tokens, model=model)
    text_quota.take(conversation.user_id, content)
    reply = _add_reply(
        conversation,
        question,
        content=content,
        begun=len(content),
        model=model,
        prompt_tokens=prompt_tokens,
        tokens_estimated=True,
    )
    transaction.on_commit(partial(queue.enqueue, reply.pk, conversation.user_id))
    return reply


def _queue_picture(conversation: Conversation, question: Message | None, words: str) -> Message:
    picture = ghibli_converter.create(conversation.user, words)
    return _add_reply(conversation, question, picture=picture, model=picture.model)


def _add_reply(conversation: Conversation, question: Message | None, **fields: Any) -> Message:
    try:
        reply = conversation.messages.create(
            parent=question,
            role=Message.Role.ASSISTANT,
            state=Message.State.QUEUED,
            lease_until=lease(),
            **fields,
        )
    except IntegrityError as error:
        raise ReplyInProgress from error
    conversation.tip = reply
    _advance(
        conversation=conversation.pk,
        tip=reply.pk,
        draft=conversation.draft,
        sent_key=conversation.sent_key,
        model=conversation.model,
    )
    return reply


@PreparedUpdate
def _advance() -> tuple[QuerySet[Conversation], Changes]:
    names = ("tip", "draft", "sent_key", "model")
    given = {name: Parameter(name, Conversation._meta.get_field(name)) for name in names}
    rows = Conversation.objects.filter(pk=Parameter("conversation"))
    return rows, {**given, "updated_at": Now()}
