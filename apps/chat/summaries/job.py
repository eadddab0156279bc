"""Making summaries: what a conversation will have no room for is folded into a short text.

The work is rolling. When what no summary covers takes three quarters of the room, all but the
newest half of the room is folded into the summary before it. So nothing drops out of the model's
sight that no summary has, and each call is worth at least a quarter of the room.
"""

import uuid
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.chat.context import builder, system_prompt
from apps.chat.context.attachments import AttachedFiles
from apps.chat.context.builder import estimate_tokens
from apps.chat.message_tree import ids_between, nearest_summary, walk_up
from apps.chat.models import Conversation, Message, Summary, lease
from apps.chat.replies.runs import Run
from apps.chat.summaries import completions
from apps.chat.summaries.summarizer import Folding, limit_for
from apps.gateway.client import GatewayError
from apps.jobs import queue, registry

State = Summary.State

KEPT, ENOUGH = 1 / 2, 1 / 4  # Of the room: what is left as it is, and what is worth a call.
MOST_STEPS = 8  # Calls on one occasion that nobody asked for; the next reply is another,
ASKED_STEPS = 16  # and on one that somebody did: they can go on from there.

_runs: set[uuid.UUID] = set()  # What this process makes, or is about to.


def begin(run: Run) -> None:
    """See to the summary of a conversation in which a reply has just ended."""
    if run.context and run.context.is_filling:
        owner = run.reply.conversation.user_id
        completions.submit(owner, roll, run.reply.pk, run.context.room)


@registry.task("apps.chat.summarising.roll")
def roll(reply_id: int, room: int) -> None:
    """Fold what the branch with this reply at its end will soon have no room for, if it is much."""
    reply = Message.objects.select_related("conversation").filter(pk=reply_id).first()
    if reply is None:
        return
    prompt = system_prompt.system_prompt(reply.conversation)
    last_id = _due(reply, room - limit_for(room) - estimate_tokens(prompt))
    if last_id is None:
        return
    end_abandoned(reply.conversation)
    failed = failed_first(reply.conversation)
    if (failed is None or failed.may_be_tried) and (
        run_id := claim(reply.conversation, last_id, failed)
    ):
        make(run_id, False, room, MOST_STEPS)


def failed_first(conversation: Conversation) -> Summary | None:
    """Return the row of a summary that has never succeeded, to be tried again."""
    return conversation.summaries.filter(state=State.FAILED, text="").order_by("pk").last()


def claim(conversation: Conversation, up_to_id: int, row: Summary | None) -> uuid.UUID | None:
    """Begin a summary, in a new row or in this; return its run, or None if one is being made."""
    run_id = uuid.uuid4()
    fields = {"state": State.MAKING, "error": "", "run_id": run_id, "lease_until": lease()}
    try:
        with transaction.atomic():
            if row is None:
                conversation.summaries.create(up_to_id=up_to_id, tries=1, **fields)
                return _noted(run_id)
            rows = conversation.summaries.filter(pk=row.pk).exclude(state=State.MAKING)
            tried = {"tries": F("tries") + 1, "up_to": up_to_id, "updated_at": Now()}
            return _noted(run_id) if rows.update(**fields, **tried) else None
    except IntegrityError:
        return None


def start(owner_id: int, run_id: uuid.UUID, anew: bool) -> None:
    """Make the claimed summary in the background; see make()."""
    if not completions.submit(owner_id, make, run_id, anew):
        _finish(run_id, state=State.FAILED, error="busy")
    elif not queue.current().is_local:
        _runs.discard(run_id)  # It is another process's now.


@registry.task("apps.chat.summarising.make")
def make(
    run_id: uuid.UUID, anew: bool, room: int | None = None, most_steps: int = ASKED_STEPS
) -> None:
    """Make the claimed summary, anew from the messages alone or from the summary before it."""
    _runs.add(run_id)
    summary = Summary.objects.made_by(run_id).select_related("conversation").first()
    if summary is None:
        _runs.discard(run_id)
        return
    changes: dict[str, object] = {"state": State.FAILED, "error": "unavailable"}  # For our bugs.
    try:
        changes = _made(summary, anew, room, most_steps)
    except GatewayError as error:
        changes["error"] = error.code
    finally:
        _finish(run_id, **changes)


def renew() -> None:
    """Renew the leases of what this process makes."""
    if _runs:
        Summary.objects.making().filter(run_id__in=list(_runs)).update(lease_until=lease())


def end_abandoned(conversation: Conversation) -> None:
    """Mark the summary as failed whose maker is gone."""
    abandoned = conversation.summaries.abandoned()
    if abandoned.exists():  # An update would wait for whoever writes just now.
        abandoned.update(state=State.FAILED, error="restarted", updated_at=Now())


def _noted(run_id: uuid.UUID) -> uuid.UUID:
    _runs.add(run_id)
    return run_id


def _finish(run_id: uuid.UUID, **changes: object) -> None:
    Summary.objects.made_by(run_id).update(updated_at=Now(), **changes)
    _runs.discard(run_id)


def _due(reply: Message, room: int) -> int | None:
    """Return the id of the last message to fold, or None while it is not worth a call."""
    previous = nearest_summary(reply.pk)
    covered = previous.up_to_id if previous else 0
    files = AttachedFiles(reply)
    kept = folded = 0
    due = later = None
    for message in walk_up(reply.pk):
        if message.pk <= covered:
            break
        size = builder.cost(message)
        size += files.choose(message, room - kept - folded - size)
        if due is None:
            kept += size
            if kept <= room * KEPT:
                later = message
                continue
            due = message if message.is_reply or later is None else later
        folded += size
        if folded >= room * ENOUGH:
            return due.pk
    return None


def _made(summary: Summary, anew: bool, room: int | None, most_steps: int) -> dict[str, object]:
    """Fold a part after the other, while the row is ours; return the fields it then has."""
    conversation, last_id = summary.conversation, summary.up_to_id
    model = completions.model_for(conversation)
    previous = None if anew else nearest_summary(last_id)
    folding = Folding(conversation, model, room or _room(last_id, model))
    text = folding.beginning(previous.text if previous else "")
    covered = 0
    ids = ids_between(previous.up_to_id if previous else 0, last_id)
    for step, (part, up_to) in enumerate(folding.parts(ids, text), start=1):
        text, covered = folding.fold(text, part), up_to
        if step >= most_steps and covered:
            break
        ours = Summary.objects.making().filter(pk=summary.pk, run_id=summary.run_id)
        if not ours.exists():
            break
    if not text:
        raise GatewayError("empty")
    fields = {"text": text, "up_to": covered or last_id, "model": model, "corrected": False}
    return {**fields, "state": State.READY, "error": "", "tries": 0}


def _room(last_id: int, model: str) -> int:
    newest = islice(walk_up(last_id), builder.TELLING_MESSAGES)
    return round(builder.room_for(model) / builder.correction(newest, model))
