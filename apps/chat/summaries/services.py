"""What a person can do with the summary of a conversation."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from apps.chat.message_tree import ancestors, nearest_summary
from apps.chat.models import Conversation, Message, Summary
from apps.chat.summaries import job
from apps.chat.usage import limits

State = Summary.State


@dataclass(frozen=True, slots=True)
class Summarised:
    """What there is of a summary of the branch that is shown."""

    summary: Summary | None
    is_making: bool
    failed: Summary | None
    is_whole: bool  # It covers all that was said.


@dataclass(frozen=True, slots=True)
class Sight:
    """From which message on the model sees the conversation, and what it has of the rest."""

    first_seen: int
    summarised: Summarised
    is_gapless: bool  # The summary covers all that is not seen.


def summarised(conversation: Conversation) -> Summarised:
    """Return the summary of the branch that is shown, and what is happening to it."""
    job.end_abandoned(conversation)
    last = _last_said(conversation)
    summary = nearest_summary(last.pk) if last else None
    failed = conversation.summaries.filter(state=State.FAILED).order_by("updated_at").last()
    return Summarised(
        summary=summary,
        is_making=conversation.summaries.making().exists(),
        failed=failed,
        is_whole=bool(last and summary and summary.up_to_id == last.pk),
    )


def first_seen(newest_first: Iterable[Message]) -> int | None:
    """Return the id of the first message that the newest reply was made from, if not of all."""
    reply = next((message for message in newest_first if message.prompt_estimate), None)
    return reply.first_seen if reply else None


def sight(conversation: Conversation, first_seen: int) -> Sight:
    """Return what the model, that sees this message first, has of those before it."""
    state = summarised(conversation)
    covered = state.summary.up_to_id if state.summary else 0
    last_unseen = conversation.messages.values_list("parent_id", flat=True).get(pk=first_seen)
    return Sight(first_seen, state, is_gapless=covered >= (last_unseen or 0))


def summarise(conversation: Conversation) -> None:
    """Have all that was said so far summarised; go on from the summary that there is.

    Raise LimitReached.
    """
    last = _last_said(conversation)
    if last is None:
        return
    job.end_abandoned(conversation)
    summary = nearest_summary(last.pk)
    if summary and summary.up_to_id == last.pk:
        return
    with transaction.atomic():
        limits.check_pace(conversation.user)
        failed = job.failed_first(conversation)
        if run_id := job.claim(conversation, last.pk, failed):
            transaction.on_commit(partial(job.start, conversation.user_id, run_id, False))


def rebuild(conversation: Conversation) -> None:
    """Have the summary made again, from the messages alone; until then the old one serves.

    Raise LimitReached.
    """
    last = _last_said(conversation)
    summary = nearest_summary(last.pk) if last else None
    if summary is None:
        summarise(conversation)
        return
    job.end_abandoned(conversation)
    with transaction.atomic():
        limits.check_pace(conversation.user)
        if run_id := job.claim(conversation, summary.up_to_id, summary):
            transaction.on_commit(partial(job.start, conversation.user_id, run_id, True))


def correct(summary: Summary, text: str) -> None:
    """Put the person's words in place of the model's; one that is being made is given up."""
    with transaction.atomic():
        making = Summary.objects.making().filter(conversation=summary.conversation_id)
        making.filter(text="").delete()  # It was to be made from what was just corrected.
        making.update(state=State.READY)
        Summary.objects.filter(pk=summary.pk).update(
            text=text, corrected=True, state=State.READY, error="", tries=0, updated_at=Now()
        )


def _last_said(conversation: Conversation) -> Message | None:
    """Return the last message of the branch that is shown, but none that is being written."""
    newest = ancestors(conversation.tip_id, 2)
    return next((message for message in newest if not message.is_in_progress), None)
