"""Writing replies: from the queue through the AI service into the row and to the pages."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import close_old_connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from apps.chat import context, model_choice, streams, usage
from apps.chat.context import Context
from apps.chat.models import Message, lease
from apps.core import background, durability, openai_gateway
from apps.core.openai_gateway import Call, ChatRequest, GatewayError, Outcome, Usage

logger = logging.getLogger("parlor.replies")

State = Message.State


@dataclass(slots=True)
class Result:
    """How a reply ended."""

    state: State
    error: str = ""
    retry_after: float | None = None
    outcome: Outcome | None = None


class Run:
    """One reply being written by this process; every write is conditional on its run_id."""

    def __init__(self, reply: Message, run_id: uuid.UUID) -> None:
        self.reply = reply
        self.run_id = run_id
        self.call = Call()
        self.channel = streams.open_channel(reply.pk)
        self.channel.begin(reply.content, reply.attempts)
        self.channel.on_stop = self.stop
        self.started = time.monotonic()
        self.first_piece: float | None = None
        self.saved = len(reply.content), 0  # Characters of text and reasoning.
        self.result: Result | None = None  # Once nothing more comes.
        self.context: Context | None = None  # What the model was sent.
        self.is_stopped = False

    def deliver(self, text: str, reasoning: str) -> None:
        if self.first_piece is None:
            self.first_piece = time.monotonic()
            self.channel.waiting_until = None
            self.channel.tick()
        self.channel.publish(text, reasoning)

    def wait(self, seconds: float) -> None:
        self.channel.waiting_until = time.monotonic() + seconds
        self.channel.tick()

    def stop(self) -> None:
        """End with what has arrived, as another process asks."""
        self.is_stopped = True
        self.call.close()

    def received(self) -> dict[str, str]:
        snapshot = self.channel.snapshot()
        return {"content": snapshot.text, "reasoning": snapshot.reasoning}

    def is_ahead(self, received: dict[str, str]) -> bool:
        """Tell whether this is more than what has been saved."""
        return _sizes(received) != self.saved

    def note_saved(self, received: dict[str, str]) -> None:
        self.saved = _sizes(received)

    def finish(self, result: Result) -> None:
        """Write the final state, unless someone was quicker, and tell the pages.

        Where the database cannot take it, the keeper tries again.
        """
        self.result = result
        self._write_result(result)
        ended.set()
        _runs.pop(self.reply.pk, None)
        streams.close_channel(self.reply.pk)
        self._log(result)

    def _write_result(self, result: Result) -> None:
        retry_at = None
        if result.retry_after is not None:
            retry_at = timezone.now() + timedelta(seconds=result.retry_after)
        reported = result.outcome.usage if result.outcome else None
        received = self.received()
        tokens = self.tokens(received, reported)
        rows = Message.objects.filter(pk=self.reply.pk).run_by(self.run_id)
        with transaction.atomic():
            written = rows.update(
                state=result.state,
                error=result.error,
                model=self.reply.model,
                retry_at=retry_at,
                refused=bool(result.outcome and result.outcome.refused),
                finished_at=Now(),
                **received,
                **tokens,
                **self.seen(),
            )
            if written:  # Else somebody else has ended the reply, and booked it.
                is_free = result.state == State.ERROR and self.first_piece is None
                self.book(result.error or result.state, tokens, reported, is_free=is_free)

    def tokens(self, received: dict[str, str], reported: Usage | None = None) -> dict[str, Any]:
        """Return the tokens of the reply as fields of its row: as reported, or estimated."""
        if reported:
            prompt, written = reported.prompt_tokens, reported.completion_tokens
        else:
            text = received["content"][self.reply.begun :] + received["reasoning"]
            prompt = self.context.tokens if self.context else self.reply.prompt_tokens or 0
            written = usage.written_tokens(text)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "tokens_estimated": reported is None,
        }

    def seen(self) -> dict[str, Any]:
        """Return what the model was sent as fields of the row."""
        if self.context is None:
            return {}
        return {
            "first_seen": self.context.first_seen,
            "prompt_estimate": self.context.tokens,
            "left_out": self.context.left_out,
        }

    def book(
        self,
        outcome: str,
        tokens: dict[str, Any],
        reported: Usage | None = None,
        is_free: bool = False,
    ) -> None:
        """Book the call. It is free if the service refused it: then it used no token."""
        estimated = (tokens["prompt_tokens"], tokens["completion_tokens"])
        usage.record(
            user_id=self.reply.conversation.user_id,
            purpose=usage.Purpose.REPLY,
            model=self.reply.model,
            conversation_id=self.reply.conversation_id,
            message_id=self.reply.pk,
            usage=reported,
            estimated=(0, 0) if is_free else estimated,
            seconds=time.monotonic() - self.started,
            first_seconds=self.first_piece and self.first_piece - self.started,
            outcome=outcome,
        )

    def _log(self, result: Result) -> None:
        now = time.monotonic()
        reported = result.outcome.usage if result.outcome else None
        logger.info(
            "reply %s %s code=%s model=%s first=%s took=%.1fs tokens=%s+%s",
            self.reply.pk,
            "closed" if self.call.closed else result.state,
            result.error or "-",
            self.reply.model,
            f"{self.first_piece - self.started:.2f}s" if self.first_piece else "-",
            now - self.started,
            reported.prompt_tokens if reported else "-",
            reported.completion_tokens if reported else "-",
        )


def _sizes(received: dict[str, str]) -> tuple[int, int]:
    return len(received["content"]), len(received["reasoning"])


ended = threading.Event()  # A reply has ended that may not have reached the disk yet.

_end_callbacks: list[Callable[[Run], None]] = []

_runs: dict[int, Run] = {}  # What this process writes,
_queued: set[int] = set()  # and what waits here for a thread.


def on_end(callback: Callable[[Run], None]) -> None:
    """Call the function, in the thread that wrote it, whenever a reply has ended."""
    _end_callbacks.append(callback)


def running() -> list[Run]:
    return list(_runs.values())


def waiting() -> list[int]:
    return list(_queued)


def enqueue(reply_id: int, owner_id: int) -> None:
    """Queue the reply for a thread of this process, or end it as `busy` if too many wait."""
    streams.open_channel(reply_id).on_stop = partial(_give_up, reply_id)
    _queued.add(reply_id)
    try:
        background.pool().submit(owner_id, generate_reply, reply_id)
    except background.QueueFull:
        _give_up(reply_id)
        end_busy(reply_id)
    except background.PoolClosed:
        _give_up(reply_id)  # It stays queued, and the next process takes it.


def end_busy(reply_id: int) -> None:
    """End a reply for which there is no room in the queue."""
    waiting = Message.objects.filter(pk=reply_id, state=State.QUEUED)
    waiting.update(state=State.ERROR, error="busy", finished_at=Now())


def hang_up(reply_id: int) -> None:
    """Close the connection on which the reply arrives, if it is this process that writes it."""
    if run := _runs.get(reply_id):
        run.call.close()
    else:
        _give_up(reply_id)


def end_stopped(reply_id: int) -> bool:
    """Mark a running reply as stopped, with what has arrived of it; tell whether it was running.

    Its call is booked with that: its writer, which may be another process, finds that it is late.
    """
    run = _runs.get(reply_id)
    received = run.received() if run else {}
    tokens = run.tokens(received) | run.seen() if run else {}
    rows = Message.objects.filter(pk=reply_id, state=State.RUNNING)
    with transaction.atomic():
        changes: dict[str, Any] = {**received, **tokens}
        if not rows.update(state=State.STOPPED, finished_at=Now(), **changes):
            return False
        if run:
            run.book(State.STOPPED, tokens)
        else:
            usage.record_from_row(reply_id, State.STOPPED)
    return True


def is_queued(reply_id: int) -> bool:
    return Message.objects.filter(pk=reply_id, state=State.QUEUED).exists()


def ahead_of(reply_id: int) -> int:
    """Return how many replies wait that were asked for before this one."""
    queued = Message.objects.in_progress().filter(state=State.QUEUED)
    # The sum keeps SQLite from reading all rows up to this one: those in progress are few.
    return queued.annotate(number=F("pk") + 0).filter(number__lt=reply_id).count()


def generate_reply(reply_id: int) -> bool:
    """Write the reply, in a thread of its own; tell whether it still had to be written."""
    durability.sync_later()  # The keeper does it for all.
    waited_here = reply_id in _queued
    try:
        run = _claim(reply_id)
    finally:
        _queued.discard(reply_id)
    if run is None:  # Stopped, deleted, or taken by another process, or thread of a worker.
        if waited_here:
            streams.close_channel(reply_id)
        return False
    result = Result(State.ERROR, "unavailable")  # Stands if a bug of ours ends the run.
    try:
        result = _write(run)
    finally:
        run.finish(result)
    for callback in _end_callbacks:
        callback(run)
    return True


def _claim(reply_id: int) -> Run | None:
    run_id = uuid.uuid4()
    waiting = Message.objects.filter(pk=reply_id, state=State.QUEUED)
    with transaction.atomic():
        claimed = waiting.update(state=State.RUNNING, run_id=run_id, lease_until=lease())
    if not claimed:
        return None
    replies = Message.objects.select_related("conversation__user")
    reply = replies.filter(pk=reply_id).first()
    if reply is None:
        return None
    run = _runs[reply_id] = Run(reply, run_id)
    return run


def _write(run: Run) -> Result:
    try:
        run.reply.model = model_choice.model_for(run.reply)
        outcome = _answer(run)
    except GatewayError as error:
        return Result(State.ERROR, error.code, error.retry_after)
    if run.is_stopped:
        return Result(State.STOPPED, outcome=outcome)
    if run.call.closed:
        return Result(State.INTERRUPTED, "restarted", outcome=outcome)
    if outcome.finish_reason == "content_filter":
        return Result(State.ERROR, "filter", outcome=outcome)
    code = "length" if outcome.finish_reason == "length" else ""
    return Result(State.DONE, code, outcome=outcome)


def _answer(run: Run) -> Outcome:
    """Ask with all that fits; where it does not fit after all, once more with half of it."""
    run.context = context.build_context(run.reply)
    try:
        return _stream(run, run.context.messages)
    except GatewayError as error:
        if error.code != "context" or run.first_piece:
            raise
        less = context.build_context(run.reply, share=0.5)
        if less.messages == run.context.messages:
            raise
    run.context = less
    return _stream(run, less.messages)


def _stream(run: Run, messages: list[dict[str, Any]]) -> Outcome:
    request = ChatRequest(
        model=run.reply.model,
        messages=messages,
        **model_choice.options(run.reply.conversation),
    )
    close_old_connections()  # None of a pool is held while the service writes.
    return openai_gateway.stream_reply(request, run.call, run.deliver, run.wait)


def _give_up(reply_id: int) -> None:
    _queued.discard(reply_id)
    streams.close_channel(reply_id)
