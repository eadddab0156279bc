"""What a person is told when a reply fails: one sentence and what to do next for each code."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop, ngettext


class Failed(Protocol):
    """A reply, or what else a model could not make; read from its row."""

    @property
    def error(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def retry_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Failure:
    sentence: str
    # "again": Try again, "continue": Continue, "model": Choose model, "edit": Edit the question,
    # "new": New chat.
    offers: tuple[str, ...] = ()


AGAIN = ("again",)
EDIT = ("edit",)

FAILURES = {
    "credentials": Failure(
        gettext_noop("The AI service refused our credentials. Please tell the administrator."),
        AGAIN,
    ),
    "model": Failure(
        gettext_noop("The model “{model}” is not available. Choose another one."),
        ("again", "model"),
    ),
    "rate": Failure(gettext_noop("The AI service is busy. Try again {when}."), AGAIN),
    "quota": Failure(
        gettext_noop("The budget for the AI service is used up. Please tell the administrator.")
    ),
    "context": Failure(
        gettext_noop(
            "This conversation is too long for {model}."
            " Shorten it, or choose a model with more room."
        ),
        ("edit", "new"),
    ),
    "rejected": Failure(
        gettext_noop("The AI service did not accept this request."), ("edit", "again")
    ),
    "policy": Failure(
        gettext_noop("The AI service declined this because of its content rules."), EDIT
    ),
    "pictures": Failure(
        gettext_noop(
            "{model} does not take these pictures. Choose a model that sees, or ask without them."
        ),
        AGAIN,
    ),
    "unavailable": Failure(gettext_noop("The AI service has a problem. Try again."), AGAIN),
    "unreachable": Failure(gettext_noop("The AI service cannot be reached. Try again."), AGAIN),
    "timeout": Failure(gettext_noop("The AI service did not answer in time. Try again."), AGAIN),
    "cut": Failure(
        gettext_noop("The answer was cut off. What arrived is kept."), ("continue", "again")
    ),
    "length": Failure(gettext_noop("The answer reached the length limit."), ("continue",)),
    "filter": Failure(gettext_noop("The answer was stopped by the content filter."), EDIT),
    "empty": Failure(gettext_noop("The AI service sent an empty answer."), AGAIN),
    "unreadable": Failure(
        gettext_noop("The AI service sent an answer that could not be read."), AGAIN
    ),
    "too_big": Failure(gettext_noop("The answer was longer than {limit} and was cut.")),
    "restarted": Failure(
        gettext_noop(
            "The server was restarted while this answer was being written. What arrived is kept."
        ),
        AGAIN,
    ),
    "busy": Failure(
        gettext_noop("Too many answers are being written. Your message is saved."), AGAIN
    ),
    "budget": Failure(gettext_noop("Your budget is used up. It is available again {when}.")),
}


def sentence(failed: Failed) -> str:
    """Return in words, in the page's language, what went wrong."""
    failure = FAILURES.get(failed.error)
    if failure is None:
        return ""
    limit = ngettext("{n} character", "{n} characters", settings.CHAT_REPLY_MAX_CHARS)
    return gettext(failure.sentence).format(
        model=failed.model,
        when=_when(failed),
        limit=limit.format(n=number_format(settings.CHAT_REPLY_MAX_CHARS, force_grouping=True)),
    )


def offers(reply: Failed) -> tuple[str, ...]:
    failure = FAILURES.get(reply.error)
    return failure.offers if failure else ()


def _when(failed: Failed) -> str:
    left = failed.retry_at - timezone.now() if failed.retry_at else timedelta()
    seconds = round(left.total_seconds())
    if seconds <= 0:
        return gettext("in a moment")
    if seconds < 100:
        return ngettext("in {n} second", "in {n} seconds", seconds).format(n=seconds)
    minutes = round(seconds / 60)
    return ngettext("in {n} minute", "in {n} minutes", minutes).format(n=minutes)
