"""How a reply ended: its result, its usage record and its line in the log."""

import logging
from dataclasses import dataclass
from typing import Any

from apps.chat.models import Message
from apps.chat.usage import records
from apps.core.monitoring import metrics
from apps.gateway.client import Outcome, Usage

logger = logging.getLogger("parlor.replies")

State = Message.State


@dataclass(slots=True)
class Result:
    """How a reply ended."""

    state: State
    error: str = ""
    retry_after: float | None = None
    outcome: Outcome | None = None

    @property
    def reported(self) -> Usage | None:
        """Return the tokens as the service counted them."""
        return self.outcome.usage if self.outcome else None


@dataclass(slots=True)
class Times:
    """How long a reply took, in seconds."""

    whole: float
    first: float | None  # Until its first piece.


def record(
    reply: Message,
    outcome: str,
    tokens: dict[str, Any],
    times: Times,
    reported: Usage | None = None,
    is_free: bool = False,
) -> None:
    """Record the call. It is free if the service refused it: then it used no token."""
    estimated = (tokens["prompt_tokens"], tokens["completion_tokens"])
    records.record(
        user_id=reply.conversation.user_id,
        purpose=records.Purpose.REPLY,
        model=reply.model,
        conversation_id=reply.conversation_id,
        message_id=reply.pk,
        usage=reported,
        estimated=(0, 0) if is_free else estimated,
        seconds=times.whole,
        first_seconds=times.first,
        outcome=outcome,
    )


def log(reply: Message, result: Result, times: Times, call_id: str, is_closed: bool) -> None:
    reported = result.reported
    metrics.count_reply(result.state, result.error, times.whole, times.first)
    logger.info(
        "reply %s %s code=%s model=%s first=%s took=%.1fs tokens=%s+%s"
        " user=%s person=%s conversation=%s call=%s",
        reply.pk,
        "closed" if is_closed else result.state,
        result.error or "-",
        reply.model,
        f"{times.first:.2f}s" if times.first else "-",
        times.whole,
        reported.prompt_tokens if reported else "-",
        reported.completion_tokens if reported else "-",
        reply.conversation.user_id,
        reply.conversation.user.username,
        reply.conversation_id,
        call_id,
    )
