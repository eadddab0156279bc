import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.chat.models.conversations import Conversation
from apps.chat.models.messages import Message

MOST_TRIES = 3  # In a row, by itself; then it rests.
REST = timedelta(hours=1)


class SummaryQuerySet(models.QuerySet["Summary"]):
    def making(self) -> "SummaryQuerySet":
        return self.filter(state=Summary.State.MAKING)

    def with_text(self) -> "SummaryQuerySet":
        return self.exclude(text="")

    def made_by(self, run_id: uuid.UUID) -> "SummaryQuerySet":
        """Only the row that this run still owns: a correction, or a sweep, may have taken it."""
        return self.making().filter(run_id=run_id)

    def abandoned(self) -> "SummaryQuerySet":
        """Those whose maker has not renewed its lease, by the clock of the database."""
        return self.making().filter(lease_until__lt=Now())


class Summary(models.Model):
    """What was said in a conversation up to a message; it serves every branch through that one.

    A text that is there is in use, also while it is made anew or when that has failed.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="summaries"
    )
    up_to = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("summary"), blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.MAKING)
    error = models.CharField(max_length=20, blank=True)  # A code of errors.py.
    tries = models.PositiveSmallIntegerField(default=0)  # Since it last succeeded.
    model = models.CharField(max_length=200, blank=True)
    corrected = models.BooleanField(default=False)  # The text is the person's, not the model's.
    run_id = models.UUIDField(null=True, blank=True)  # The run that may write this row.
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)  # When its state or its text changed.

    objects = SummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "summaries"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state="making"),
                name="one_summary_in_the_making_per_conversation",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready", text=""), name="a_summary_that_is_ready_has_a_text"
            ),
        ]

    def __str__(self) -> str:
        return f"Summary {self.pk}"

    @property
    def is_making(self) -> bool:
        return self.state == Summary.State.MAKING

    @property
    def may_be_tried(self) -> bool:
        return self.tries < MOST_TRIES or self.updated_at < timezone.now() - REST

    @property
    def retry_at(self) -> datetime | None:
        return None  # Its failure is told like that of a reply: errors.py.
