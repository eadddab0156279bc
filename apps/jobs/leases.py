"""Rows that a process works on: one run owns each, for as long as it renews a lease."""

import uuid
from datetime import timedelta
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.db.prepared_queries import Parameter


def lease(seconds: float | None = None) -> Any:
    """Return the end of a lease that starts now, by the clock of the database."""
    return Now() + timedelta(seconds=seconds or settings.CHAT_LEASE_SECONDS)


class Leased(models.Model):
    """A row with a `state`, which is one of IN_PROGRESS until it is final."""

    IN_PROGRESS = ("queued", "running")

    state: "models.CharField[Any, str]"
    run_id = models.UUIDField(null=True, blank=True)  # The run that may write this row.
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_in_progress(self) -> bool:
        return self.state in self.IN_PROGRESS

    @property
    def may_be_abandoned(self) -> bool:
        """Return whether to ask the database: a page that only reads must not wait for writers."""
        over = self.lease_until is not None and self.lease_until <= timezone.now()
        return self.is_in_progress and over


Row = TypeVar("Row", bound=Leased)


class LeasedQuerySet(models.QuerySet[Row]):
    def in_progress(self) -> Self:
        # In words, not by parameters: else SQLite does not see that a partial index fits, and
        # reads the whole table.
        sql = "%(expressions)s IN ('queued', 'running')"
        return self.filter(Func(F("state"), template=sql, output_field=models.BooleanField()))

    def run_by(self, run_id: uuid.UUID | Parameter) -> Self:
        """Only the row that this run still owns: Stop, Delete or a sweep may have taken it."""
        return self.filter(run_id=run_id, state="running")

    def abandoned(self) -> Self:
        """Those whose process has not renewed its lease, by the clock of the database."""
        return self.in_progress().filter(lease_until__lt=Now()).order_by("lease_until")
