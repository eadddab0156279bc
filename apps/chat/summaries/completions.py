"""What the model is asked beside the replies: in a small pool, limited and counted like them."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections

from apps.chat.context import model_selection
from apps.chat.context.builder import estimate_tokens
from apps.chat.models import Conversation
from apps.chat.usage import gate, records
from apps.gateway import client, quirk_store
from apps.gateway.client import Call, ChatRequest, GatewayError, Usage
from apps.jobs import queue, thread_pool
from apps.jobs.registry import Job, Lane, QueueFull, Unavailable
from apps.server import log_context

logger = logging.getLogger(__name__)

STOP_SECONDS = 2.0  # What a completion whose call was closed may take to note it.

# Ends of an answer that is of no use, and their codes.
_UNFIT = {"content_filter": "filter", "tool_calls": "tool", "early": "early"}

_calls: set[Call] = set()


def submit(owner_id: int, task: Callable[..., None], *args: object) -> bool:
    """Run task(*args) in the background; return whether there is room for it."""
    try:
        queue.current().submit(Job(Lane.CHORES, owner_id, task, args))
    except (QueueFull, Unavailable):
        return False
    return True


def ask(
    conversation: Conversation, purpose: str, model: str, messages: list[dict[str, str]]
) -> str:
    """Return the model's whole answer. Raise GatewayError, also where gate.py lets no call pass."""
    if not queue.current().is_open(Lane.CHORES):
        raise GatewayError("restarted")
    sent = sum(estimate_tokens(message["content"]) for message in messages)
    request = ChatRequest(model, messages, max_tokens=settings.CHAT_MAX_OUTPUT_TOKENS or None)
    with (
        gate.reserved(conversation.user, purpose, model, sent),
        log_context.bound(user=conversation.user_id, conversation=conversation.pk),
    ):
        started = time.monotonic()
        text, reported, error_code = _complete(request)
        records.record(
            purpose=purpose,
            model=model,
            usage=reported,
            estimated=(sent, records.written_tokens(text)),
            seconds=time.monotonic() - started,
            first_seconds=None,
            outcome=error_code or "done",
            user_id=conversation.user_id,
            conversation_id=_still_there(conversation),
        )
    if error_code:
        raise GatewayError(error_code)
    return text


def model_for(conversation: Conversation) -> str:
    """Return the model that has answered last here, if it is on offer, or else the one that would.

    An import can name any, and one that answered long ago may not be allowed any more.
    """
    answered = conversation.messages.exclude(model="").filter(picture=None).order_by("-pk")
    last = answered.values_list("model", flat=True).first()
    if last and model_selection.may_choose(last):
        return last
    return model_selection.next_model(conversation)


def cancel_all() -> None:
    """Begin no more, and end what runs; it is done again on the next occasion."""
    pool = thread_pool.side_pool()
    pool.drain(0)
    for call in list(_calls):
        call.close()
    pool.drain(STOP_SECONDS)


def _still_there(conversation: Conversation) -> int | None:
    """Return the id of the conversation; its call is booked, too, if it was deleted meanwhile."""
    kept = Conversation.with_trash.filter(pk=conversation.pk)
    return kept.values_list("pk", flat=True).first()


def _complete(request: ChatRequest) -> tuple[str, Usage | None, str]:
    """Return the answer, its tokens, and the code of what went wrong, if anything did."""
    quirk_store.load(request.model)
    close_old_connections()  # None of a pool is held while the service writes.
    call = Call()
    _calls.add(call)
    try:
        text, outcome = client.complete(request, call)
    except GatewayError as error:
        return "", None, error.code
    finally:
        _calls.discard(call)
        quirk_store.save()
    if call.closed:
        return text, outcome.usage, "restarted"
    if outcome.refused:
        return text, outcome.usage, "policy"
    return text, outcome.usage, _UNFIT.get(outcome.finish_reason, "")
