import secrets
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.chat.models.conversations import Conversation
from apps.jobs.leases import Leased, LeasedQuerySet


def random_name(transfer: "Transfer", name: str) -> str:
    return f"transfers/{secrets.token_urlsafe(24)}{Path(name).suffix[:8]}"


class Transfer(Leased):
    """Something that is taken away or brought along, in the background."""

    class Kind(models.TextChoices):
        ACCOUNT = "account", _("Export of everything")
        PDF = "pdf", _("PDF of a conversation")
        IMPORT = "import", _("Import")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("In progress")
        DONE = "done", _("Complete")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")
        INTERRUPTED = "interrupted", _("Interrupted")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="transfers"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, null=True, blank=True)
    state = models.CharField(max_length=11, choices=State.choices, default=State.QUEUED)
    error = models.CharField(max_length=20, blank=True)  # A code of transfer_words.py.
    done = models.PositiveBigIntegerField(default=0)  # Of `total`, in whatever the task counts.
    total = models.PositiveBigIntegerField(default=0)
    report = models.JSONField(default=list)  # What the task has to tell: codes and their values.
    file = models.FileField(upload_to=random_name, blank=True)  # What it made, or was given.
    name = models.CharField(max_length=255, blank=True)  # The file's, for the person.
    language = models.CharField(max_length=16, blank=True)  # Of the page on which it was asked for.
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = LeasedQuerySet["Transfer"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["queued", "running"]),
                name="one_transfer_in_progress_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("transfer", args=[self.pk])

    @property
    def is_import(self) -> bool:
        return self.kind == Transfer.Kind.IMPORT
