"""The account of every call: each is a row, booked once, by whoever writes how it ended."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Sum
from django.db.models.functions import TruncDay
from django.utils import timezone

from apps.chat.context import builder
from apps.chat.models import Message, UsageOfDeleted, UsageRecord
from apps.chat.usage import periods, pricing
from apps.core.monitoring import metrics
from apps.gateway.client import Usage
from apps.users.models import User

logger = logging.getLogger(__name__)

Purpose = UsageRecord.Purpose

EXPECTED_REPLY_TOKENS = 500  # Reserved for a reply that is not written yet.


def record(
    *,
    user_id: int,
    purpose: str,
    model: str,
    conversation_id: int | None = None,
    message_id: int | None = None,
    usage: Usage | None,
    estimated: tuple[int, int],
    seconds: float,
    first_seconds: float | None,
    outcome: str,
) -> None:
    """Book one call, in the transaction that stores its result.

    `estimated` are the tokens of prompt and completion that count where the service reported
    none; `outcome` is "done", another final state, or a code of errors.py.
    """
    prompt, completion = _counted(usage, estimated)
    cost = _cost(purpose, model, prompt, completion, outcome)
    UsageRecord.objects.create(
        user_id=user_id,
        purpose=purpose,
        model=model,
        conversation_id=conversation_id,
        message_id=message_id,
        prompt_tokens=prompt,
        completion_tokens=completion,
        estimated=usage is None and any(estimated),
        cost=cost,
        seconds=round(seconds, 3),
        first_seconds=None if first_seconds is None else round(first_seconds, 3),
        outcome=outcome,
    )
    price = None if cost is None else float(cost)
    count = partial(metrics.count_call, purpose, model, outcome, (prompt, completion), price)
    transaction.on_commit(count)  # What is tried again is booked once.


def record_from_row(reply_id: int, outcome: str) -> None:
    """Book a reply that was ended by another than its writer, by what its row tells."""
    reply = Message.objects.select_related("conversation").get(pk=reply_id)
    written = written_tokens(reply.content + reply.reasoning)
    finished_at = reply.finished_at or timezone.now()
    Message.objects.filter(pk=reply_id).update(completion_tokens=written, tokens_estimated=True)
    record(
        user_id=reply.conversation.user_id,
        purpose=Purpose.REPLY,
        model=reply.model,
        conversation_id=reply.conversation_id,
        message_id=reply.pk,
        usage=None,
        estimated=(reply.prompt_tokens or 0, written),
        seconds=(finished_at - reply.timestamp).total_seconds(),
        first_seconds=None,
        outcome=outcome,
    )


def last_calls(since: datetime) -> dict[int, float]:
    """Return when the last call of each person ended who has had any since then."""
    records = UsageRecord.objects.filter(created_at__gte=since).order_by()
    last = records.values_list("user_id").annotate(Max("created_at"))
    return {user_id: ended_at.timestamp() for user_id, ended_at in last}


def written_tokens(text: str) -> int:
    """Return about how many tokens it took to write the text."""
    return builder.estimate_tokens(text) if text else 0


def expected_prompt(question: Message | None) -> int:
    """Return about how many tokens will be sent for a reply to this question.

    All that was sent and written before it is sent again: the last reply knows how much that is.
    """
    if question is None:
        return 0
    tokens = builder.estimate_tokens(settings.CHAT_SYSTEM_PROMPT + question.content)
    tokens += sum(file.tokens for file in question.files)
    if question.parent_id:
        earlier = Message.objects.filter(pk=question.parent_id)
        counts = earlier.values_list("prompt_tokens", "completion_tokens").get()
        tokens += sum(count or 0 for count in counts)
    return min(tokens, settings.CHAT_CONTEXT_TOKENS)


def expected_reply() -> int:
    return min(EXPECTED_REPLY_TOKENS, settings.CHAT_MAX_OUTPUT_TOKENS or EXPECTED_REPLY_TOKENS)


def quota_is_used_up() -> bool:
    """Tell whether the service has refused the last call because nobody has paid for it."""
    return UsageRecord.objects.order_by("-pk").values_list("outcome", flat=True).first() == "quota"


def keep_without_name(sender: object, *, instance: User, **kwargs: object) -> None:
    """Add what a person has used this month to that of other deleted accounts, day by day."""
    zone = timezone.get_default_timezone()
    month = periods.midnight(periods.month_of(timezone.localdate(timezone=zone)), zone)
    records = UsageRecord.objects.filter(user=instance, created_at__gte=month).order_by()
    days = records.annotate(day=TruncDay("created_at", tzinfo=zone)).values("day")
    sums = {"prompt_tokens": Sum("prompt_tokens"), "completion_tokens": Sum("completion_tokens")}
    for day in cast(Iterable[dict[str, Any]], days.annotate(cost=Sum("cost"), **sums)):
        row, _ = UsageOfDeleted.objects.get_or_create(created_at=day["day"])
        UsageOfDeleted.objects.filter(pk=row.pk).update(
            prompt_tokens=F("prompt_tokens") + day["prompt_tokens"],
            completion_tokens=F("completion_tokens") + day["completion_tokens"],
            cost=F("cost") + (day["cost"] or 0),
        )


def prune() -> int:
    """Remove the records that are older than USAGE_RETENTION_DAYS; tell how many there were."""
    end = timezone.now() - timedelta(days=settings.USAGE_RETENTION_DAYS)
    if (gone := UsageOfDeleted.objects.filter(created_at__lt=end)).exists():
        gone.delete()
    old = UsageRecord.objects.filter(created_at__lt=end)
    if not old.exists():
        return 0  # A delete would wait for whoever writes just now.
    removed, _ = old.delete()
    logger.info("%s usage records removed", removed)
    return removed


def _counted(usage: Usage | None, estimated: tuple[int, int]) -> tuple[int, int]:
    return (usage.prompt_tokens, usage.completion_tokens) if usage else estimated


def _cost(purpose: str, model: str, prompt: int, completion: int, outcome: str) -> Decimal | None:
    if purpose != Purpose.PICTURE:
        return pricing.cost_of_tokens(model, prompt, completion)
    price = pricing.cost_of_picture(model)
    return price if price is None or outcome == Message.State.DONE else Decimal()
