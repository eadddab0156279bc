"""What a person is told when the AI service fails: one sentence and what to do next, by its code.

The codes are those of GatewayError. Each app adds what only its own rows can run into, and says in
its own words what a shared sentence would not fit.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext


class Failed(Protocol):
    """What a model could not make; read from its row."""

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
    "rate": Failure(gettext_noop("The AI service is busy. Try again {when}."), AGAIN),
    "quota": Failure(
        gettext_noop("The budget for the AI service is used up. Please tell the administrator.")
    ),
    "rejected": Failure(
        gettext_noop(
            "The AI service did not accept this request. Change it, or choose another model;"
            " if that does not help, tell the administrator."
        ),
        ("edit", "model"),
    ),
    "policy": Failure(
        gettext_noop(
            "The AI service declined this because of its content rules."
            " Change it, or choose another model."
        ),
        ("edit", "model"),
    ),
    "unavailable": Failure(gettext_noop("The AI service has a problem. Try again."), AGAIN),
    "unreachable": Failure(gettext_noop("The AI service cannot be reached. Try again."), AGAIN),
    "timeout": Failure(gettext_noop("The AI service did not answer in time. Try again."), AGAIN),
    "unreadable": Failure(
        gettext_noop(
            "The AI service sent an answer that could not be read."
            " Try again; if that does not help, tell the administrator."
        ),
        AGAIN,
    ),
    "price": Failure(
        gettext_noop(
            "Money is limited here, and the model “{model}” has no price."
            " Choose another one, or tell the administrator."
        ),
        ("again", "model"),
    ),
    "budget": Failure(gettext_noop("Your budget is used up. It is available again {when}.")),
}


def sentence_of(failed: Failed, failures: Mapping[str, Failure], **values: str) -> str:
    """Return in words, in the page's language, what went wrong; "" for a code not among these."""
    failure = failures.get(failed.error)
    if failure is None:
        return ""
    return gettext(failure.sentence).format(model=failed.model, when=_when(failed), **values)


def offers_of(failed: Failed, failures: Mapping[str, Failure]) -> tuple[str, ...]:
    failure = failures.get(failed.error)
    return failure.offers if failure else ()


def _when(failed: Failed) -> str:
    left = failed.retry_at - timezone.now() if failed.retry_at else timedelta()
    return in_words(left.total_seconds())


def in_words(seconds: float) -> str:
    """Say in how much time it is, in the largest unit of which there are some; never too early."""
    if round(seconds) <= 0:
        return gettext("in a moment")
    if round(seconds) < 100:
        n = round(seconds)
        return ngettext("in {n} second", "in {n} seconds", n).format(n=n)
    minutes, hours, days = (math.ceil(seconds / unit) for unit in (60, 3600, 86_400))
    if minutes < 100:
        return ngettext("in {n} minute", "in {n} minutes", minutes).format(n=minutes)
    if hours < 48:
        return ngettext("in {n} hour", "in {n} hours", hours).format(n=hours)
    return ngettext("in {n} day", "in {n} days", days).format(n=days)
