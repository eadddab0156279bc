"""What a person is told when they have had as much as they may."""

import math
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from apps.core.exceptions import Refused


class LimitReached(Refused):
    """The person has had as much as they may; `limit` is a field of Limits, or "site"."""

    status = 429
    retry_after: int

    def __init__(self, limit: str, available_at: datetime, left: str = "") -> None:
        super().__init__(limit)
        self.limit = limit
        self.available_at = available_at
        self.left = left  # In words; empty if nothing is left.
        seconds = (available_at - timezone.now()).total_seconds()
        self.retry_after = max(1, math.ceil(seconds))

    @property
    def sentence(self) -> str:
        if self.limit == "messages_per_minute":
            return ngettext(
                "You have sent many messages in a minute. Wait {n} second.",
                "You have sent many messages in a minute. Wait {n} seconds.",
                self.retry_after,
            ).format(n=self.retry_after)
        if self.limit == "replies_at_once":
            return gettext(
                "As many of your replies are being written as may be at once."
                " You can go on when one of them has ended."
            )
        return self._budget_sentence(in_words(self.available_at))

    def _budget_sentence(self, when: str) -> str:
        if self.limit == "site":
            return gettext(
                "The budget of all people here is used up. It is available again {when}."
            ).format(when=when)
        if self.limit == "images_per_day":
            return gettext(
                "You have made as many pictures as you may in a day. You can make more {when}."
            ).format(when=when)
        if self.left:
            return gettext(
                "Your budget has only {left} left, too little for this."
                " It is available again {when}."
            ).format(left=self.left, when=when)
        return gettext("Your budget is used up. It is available again {when}.").format(when=when)


class NoPrice(Refused):
    """Money is limited, and what the model costs is not known."""

    status = 422

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model

    @property
    def sentence(self) -> str:
        return gettext(
            "Money is limited here, and the model “{model}” has no price."
            " Choose another one, or tell the administrator."
        ).format(model=self.model)


def in_words(moment: datetime) -> str:
    """Say when it is, by the time zone that the moment has."""
    days = (moment.date() - timezone.localdate(timezone=moment.tzinfo)).days
    clock = f"{moment:%H:%M}"
    if days <= 0:
        return gettext("at {time}").format(time=clock)
    if days == 1:
        return gettext("tomorrow at {time}").format(time=clock)
    day = date_format(moment.date(), "MONTH_DAY_FORMAT")
    return gettext("on {day} at {time}").format(day=day, time=clock)


def tokens_in_words(tokens: int) -> str:
    number = number_format(tokens, force_grouping=True)
    return ngettext("{n} token", "{n} tokens", tokens).format(n=number)
