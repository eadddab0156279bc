"""Writing replies: from the queue through the AI service into the row and to the pages."""

import logging
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F, QuerySet, UUIDField
from django.db.models.functions import Now

from apps.chat.context import builder, model_selection
from apps.chat.context.builder import Context
from apps.chat.models import Message, lease
from apps.chat.replies import runs
from apps.chat.replies.results import Result
from apps.chat.replies.runs import Run
from apps.chat.replies.streaming import follow
from apps.chat.usage import gate, records, text_quota
from apps.core.db import durability
from apps.core.db.prepared_queries import Changes, Parameter, PreparedQuery, PreparedUpdate
from apps.core.monitoring import metrics
from apps.gateway import client, quirk_store
from apps.gateway.client import ChatRequest, GatewayError, Outcome
from apps.server import log_context

logger = logging.getLogger("parlor.replies")

State = Message.State

# What the ends of the gateway mean for a reply: its state and its code.
_ENDS = {
    "stop": (State.DONE, ""),
    "length": (State.DONE, "length"),
    "content_filter": (State.ERROR, "filter"),
    "tool_calls": (State.ERROR, "tool"),
    "early": (State.ERROR, "early"),
}

_end_callbacks: list[Callable[[Run], None]] = []

_queued: set[int] = set()  # What waits for a thread of this process.


def on_end(callback: Callable[[Run], None]) -> None:
    """Call the function, in the thread that wrote it, whenever a reply has ended."""
    _end_callbacks.append(callback)


def waiting() -> list[int]:
    return list(_queued)


def note_queued(reply_id: int) -> None:
    """Note that the reply waits for a thread of this process."""
    follow.open_channel(reply_id).on_stop = partial(_drop, reply_id)
    _queued.add(reply_id)


def drop_queued(reply_id: int) -> None:
    """Let go of the reply if it waits here, and of nothing that this process writes."""
    if reply_id in _queued:
        _drop(reply_id)


def end_busy(reply_id: int) -> None:
    """End a reply for which there is no room in the queue."""
    waiting = Message.objects.filter(pk=reply_id, state=State.QUEUED)
    if waiting.update(state=State.ERROR, error="busy", finished_at=Now()):
        metrics.count_reply(State.ERROR, "busy", 0.0)


def cancel(reply_id: int) -> None:
    """Close the connection on which the reply arrives, if it is this process that writes it."""
    if run := runs.of(reply_id):
        run.call.close()
    else:
        _drop(reply_id)


def end_stopped(reply_id: int) -> bool:
    """Mark a running reply as stopped, with what has arrived of it; return whether it was running.

    Its call is booked with that: its writer, which may be another process, finds that it is late.
    """
    running = Message.objects.filter(pk=reply_id, state=State.RUNNING)
    with transaction.atomic():
        if not running.update(state=State.STOPPED, finished_at=Now()):
            return False
        if run := runs.of(reply_id):
            run.stop()  # Not before the row is held, which may take a while, nor after it is read.
            received = run.received()
            tokens = run.tokens(received)
            changes: dict[str, Any] = {**received, **tokens, **run.seen()}
            Message.objects.filter(pk=reply_id).update(**changes)
            run.book(State.STOPPED, tokens)
        else:
            records.record_from_row(reply_id, State.STOPPED)
    return True


def is_queued(reply_id: int) -> bool:
    return Message.objects.filter(pk=reply_id, state=State.QUEUED).exists()


def ahead_of(reply_id: int) -> int:
    """Return how many replies wait that were asked for before this one."""
    queued = Message.objects.in_progress().filter(state=State.QUEUED)
    # The sum keeps SQLite from reading all rows up to this one: those in progress are few.
    return queued.annotate(number=F("pk") + 0).filter(number__lt=reply_id).count()


@durability.synced_later()  # checkpoint.sync() does it for all.
def generate_reply(reply_id: int) -> bool:
    """Write the reply, in a thread of its own; return whether it still had to be written."""
    waited_here = reply_id in _queued
    try:
        run = _claim(reply_id)
    finally:
        _queued.discard(reply_id)
    if run is None:  # Stopped, deleted, or taken by another process, or thread of a worker.
        if waited_here and not runs.of(reply_id):
            follow.close_channel(reply_id)
        return False
    result = Result(State.ERROR, "unavailable")  # Stands if a bug of ours ends the run.
    with log_context.bound(**run.log_fields()):
        try:
            result = _write(run)
        finally:
            run.finish(result)
    _count_text(run)
    for callback in _end_callbacks:
        callback(run)
    return True


def _count_text(run: Run) -> None:
    """Count what the reply has added to its person's text."""
    received = run.received()
    begun = run.reply.content[: run.reply.begun]  # It was counted when it was asked for.
    more = text_quota.size_of(received["content"], received["reasoning"])
    text_quota.add(run.reply.conversation.user_id, more - text_quota.size_of(begun))


def _claim(reply_id: int) -> Run | None:
    run, run_id = None, uuid.uuid4()
    try:
        with transaction.atomic():
            if _take(settings.CHAT_LEASE_SECONDS, reply=reply_id, run=run_id):
                run = runs.begin(_with_its_owner(reply=reply_id)[0], run_id)
    except BaseException:
        if run:
            runs.forget(run)
        raise
    if run:
        run.is_claimed = True
    return run


@PreparedUpdate
def _take(lease_seconds: float) -> tuple[QuerySet[Message], Changes]:
    waiting = Message.objects.filter(pk=Parameter("reply"), state=State.QUEUED)
    until = lease(lease_seconds)
    run_id = Parameter("run", UUIDField())
    return waiting, {"state": State.RUNNING, "run_id": run_id, "lease_until": until}


@PreparedQuery
def _with_its_owner() -> QuerySet[Message]:
    return Message.objects.select_related("conversation__user").filter(pk=Parameter("reply"))


def _write(run: Run) -> Result:
    try:
        run.reply.model = model_selection.model_for(run.reply)
        outcome = _answer(run)
    except GatewayError as error:
        model_selection.note_failure(run.reply.model, error.code)
        return Result(State.ERROR, error.code, error.retry_after)
    if run.is_stopped:
        return Result(State.STOPPED, outcome=outcome)
    if run.call.closed:
        return Result(State.INTERRUPTED, "restarted", outcome=outcome)
    if outcome.finish_reason == "stop" and not (outcome.has_text or outcome.pictures):
        return Result(State.ERROR, "empty", outcome=outcome)
    state, code = _ENDS[outcome.finish_reason]
    return Result(state, code, outcome=outcome)


def _answer(run: Run) -> Outcome:
    """Ask with all that fits; where it does not fit after all, again with less."""
    quirk_store.load(run.reply.model)
    run.context = builder.build_context(run.reply)
    if run.context.is_too_long:
        raise GatewayError("context")
    while True:
        try:
            return _stream(run, run.context.messages)
        except GatewayError as error:
            if error.code != "context" or run.first_piece or not _shorten(run, run.context):
                raise


def _shorten(run: Run, refused: Context) -> bool:
    """Leave out what the model has no room for; return whether it is worth another try.

    A size that the error has named counts from now on; where none is known, half is tried, once.
    """
    if run.is_halved:
        return False
    run.context = builder.build_context(run.reply)
    if run.context.room >= refused.room or run.context.messages == refused.messages:
        run.is_halved = True
        run.context = builder.build_context(run.reply, most=max(1, refused.tokens // 2))
    return run.context.messages != refused.messages


def _stream(run: Run, messages: list[dict[str, Any]]) -> Outcome:
    request = ChatRequest(
        model=run.reply.model,
        messages=messages,
        prefix=run.reply.content,
        **model_selection.options(run.reply.conversation),
    )
    gate.let_reply_pass(run.reply)
    close_old_connections()  # None of a pool is held while the service writes.
    try:
        return client.stream_reply(request, run.call, run.deliver, run.wait, run.take, run.recall)
    finally:
        quirk_store.save()


def _drop(reply_id: int) -> None:
    _queued.discard(reply_id)
    follow.close_channel(reply_id)
