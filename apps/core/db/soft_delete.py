"""Rows that are kept for some days after they were deleted: `deleted_at` tells since when."""

from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # When what is deleted for good was deleted.

Row = TypeVar("Row", bound=models.Model)


class TrashQuerySet(models.QuerySet[Row]):
    def in_trash(self) -> Self:
        """Those that can still be restored, the last deleted first."""
        return self.filter(deleted_at__gt=_due()).order_by("-deleted_at", "-pk")

    def due(self) -> Self:
        """Those whose time in the trash is over."""
        return self.filter(deleted_at__lte=_due())


def _due() -> datetime:
    return timezone.now() - timedelta(days=settings.TRASH_DAYS)
