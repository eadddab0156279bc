"""The replies that this process writes just now, each from its claim to its final state."""

import logging
import threading
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import QuerySet, UUIDField
from django.db.models.functions import Now
from django.utils import timezone

from apps.chat.context.builder import Context
from apps.chat.models import Message
from apps.chat.replies import results
from apps.chat.replies.items import ReplyItems
from apps.chat.replies.results import Result, Times
from apps.chat.replies.streaming import follow
from apps.chat.usage import records
from apps.core.db.prepared_queries import Changes, Parameter, PreparedUpdate
from apps.gateway.client import Call, ReplyPicture, Source, Usage

logger = logging.getLogger("parlor.replies")

State = Message.State


class Run:
    """One reply being written by this process; every write is conditional on its run_id."""

    def __init__(self, reply: Message, run_id: uuid.UUID) -> None:
        self.reply = reply
        self.run_id = run_id
        self.call = Call()
        self.channel = follow.open_channel(reply.pk)
        self.channel.begin(reply.content, reply.edition)
        self.channel.on_stop = self.stop
        self.started = time.monotonic()
        self.first_piece: float | None = None
        self.saved = len(reply.content), 0  # Characters of text and reasoning.
        self.result: Result | None = None  # Once nothing more comes.
        self.is_unwritten = False  # The database could not take the result.
        self.context: Context | None = None  # What the model was sent.
        self.items = ReplyItems(reply, run_id)
        self.is_halved = False  # It was too much, and no size was named.
        self.is_claimed = False  # Once the row says so to all.
        self.is_stopped = False

    def log_fields(self) -> dict[str, object]:
        """Return what the lines of the log belong to that are written for this reply."""
        return {
            "reply": self.reply.pk,
            "user": self.reply.conversation.user_id,
            "conversation": self.reply.conversation_id,
            "call": self.call.id,
        }

    def deliver(self, text: str, reasoning: str) -> None:
        self._publish(self.items.follow(text), reasoning)

    def _publish(self, text: str, reasoning: str) -> None:
        if self.first_piece is None:
            self.first_piece = time.monotonic()
            self.channel.waiting_until = None
            self.channel.tick()
        self.channel.publish(text, reasoning)

    def take(self, item: Source | ReplyPicture) -> None:
        """Keep a source, or a picture, and say in the text what is to be said of it."""
        if words := self.items.take(item):
            self._publish(words, "")

    def recall(self, reasoning: str) -> None:
        """Take back the text that was delivered: it was this reasoning.

        The row has to say so before the pages are told: they get what it holds. Where the database
        is away, they get it as soon as a checkpoint could save.
        """
        outdated = self.channel.recall(self.reply.begun, reasoning)
        self.items.restart()
        try:
            received = self.received()
            running = Message.objects.run_by(self.run_id).filter(pk=self.reply.pk)
            running.filter(state=State.RUNNING).update(**received)
            self.note_saved(received)
        except DatabaseError:
            logger.warning("reply %s: its reasoning is saved later", self.reply.pk)
        finally:
            close_old_connections()
            for follower in outdated:
                follower.push(None)

    def wait(self, seconds: float) -> None:
        self.channel.waiting_until = time.monotonic() + seconds
        self.channel.tick()

    def stop(self) -> None:
        """End with what has arrived."""
        self.is_stopped = True
        self.call.close()

    def received(self) -> dict[str, Any]:
        """Return what has arrived as fields of the row."""
        snapshot = self.channel.snapshot()
        recalls = snapshot.edition - self.reply.attempts
        return {"content": snapshot.text, "reasoning": snapshot.reasoning, "recalls": recalls}

    def is_ahead(self, received: dict[str, Any]) -> bool:
        """Return whether this is more than what has been saved."""
        return _sizes(received) != self.saved

    def note_saved(self, received: dict[str, Any]) -> None:
        self.saved = _sizes(received)

    def finish(self, result: Result) -> None:
        """Write the final state, unless someone was quicker, and tell the pages.

        Where the database cannot take it, a checkpoint tries again.
        """
        self.result = result
        try:
            self._write_result(result)
        except BaseException:
            self.is_unwritten = True
            raise
        ended.set()
        _writing.pop(self.reply.pk, None)
        results.log(self.reply, result, self._times(), self.call.id, self.call.closed)
        follow.close_channel(self.reply.pk)

    def _write_result(self, result: Result) -> None:
        retry_at = None
        if result.retry_after is not None:
            retry_at = timezone.now() + timedelta(seconds=result.retry_after)
        reported = result.reported
        received = self.received()
        tokens = self.tokens(received, reported)
        changes = {
            "state": result.state,
            "error": result.error,
            "model": self.reply.model,
            "retry_at": retry_at,
            "refused": bool(result.outcome and result.outcome.refused),
            **received,
            **tokens,
            **self.seen(),
        }
        with transaction.atomic():
            written = _end(*changes, reply=self.reply.pk, run=self.run_id, **changes)
            if written:  # Else somebody else has ended the reply, and booked it.
                is_free = result.state == State.ERROR and self.first_piece is None
                self.book(result.error or result.state, tokens, reported, is_free=is_free)

    def tokens(self, received: dict[str, Any], reported: Usage | None = None) -> dict[str, Any]:
        """Return the tokens of the reply as fields of its row: as reported, or estimated."""
        if reported:
            prompt, written = reported.prompt_tokens, reported.completion_tokens
        else:
            text = received["content"][self.reply.begun :] + received["reasoning"]
            prompt = self.context.tokens if self.context else self.reply.prompt_tokens or 0
            written = records.written_tokens(text)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "tokens_estimated": reported is None,
        }

    def seen(self) -> dict[str, Any]:
        """Return what the model was sent, and what it named, as fields of the row."""
        if self.context is None:
            return {"sources": self.items.sources}
        return {
            "sources": self.items.sources,
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
        """Record the call; see results.record()."""
        results.record(self.reply, outcome, tokens, self._times(), reported, is_free)

    def _times(self) -> Times:
        first = self.first_piece and self.first_piece - self.started
        return Times(time.monotonic() - self.started, first)


@PreparedUpdate
def _end(*names: str) -> tuple[QuerySet[Message], Changes]:
    rows = Message.objects.filter(pk=Parameter("reply"))
    given = {name: Parameter(name, Message._meta.get_field(name)) for name in names}
    return rows.run_by(Parameter("run", UUIDField())), {**given, "finished_at": Now()}


ended = threading.Event()  # A reply has ended that may not have reached the disk yet.

_writing: dict[int, Run] = {}


def begin(reply: Message, run_id: uuid.UUID) -> Run:
    """Return the run that writes the reply from now on.

    It belongs into the transaction that claims the reply: whoever sees that the reply is running,
    to stop it, finds who writes it.
    """
    run = _writing[reply.pk] = Run(reply, run_id)
    return run


def forget(run: Run) -> None:
    """Take back what could not be claimed."""
    _writing.pop(run.reply.pk, None)


def of(reply_id: int) -> Run | None:
    """Return the run that writes the reply, if it is one of this process."""
    return _writing.get(reply_id)


def running() -> list[Run]:
    return list(_writing.values())


def _sizes(received: dict[str, Any]) -> tuple[int, int]:
    return len(received["content"]), len(received["reasoning"])
