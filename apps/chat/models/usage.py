from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.chat.models.conversations import Conversation
from apps.chat.models.messages import Message
from apps.users.models import User


class UsageRecord(models.Model):
    """One call of the AI service: what it took, and what it cost at the price of its day."""

    class Purpose(models.TextChoices):
        REPLY = "reply", _("Replies")
        TITLE = "title", _("Titles")
        SUMMARY = "summary", _("Summaries")
        PICTURE = "picture", _("Pictures")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="usage_records",
        db_index=False,  # The index below begins with it.
        verbose_name=_("user"),
    )
    # What was paid for stays paid for when it is deleted.
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    model = models.CharField(_("model"), max_length=200, blank=True)
    prompt_tokens = models.PositiveIntegerField(_("tokens sent"))
    completion_tokens = models.PositiveIntegerField(_("tokens written"))
    estimated = models.BooleanField(_("estimated"), default=False)
    cost = models.DecimalField(  # Null where the model has no price.
        _("cost"), max_digits=14, decimal_places=8, null=True, blank=True
    )
    seconds = models.FloatField(_("seconds"))
    first_seconds = models.FloatField(_("seconds to the first piece"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=20
    )  # A final state, or a code of errors.py.
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        indexes = [
            models.Index(fields=["user", "created_at"], name="usage_of_person"),
            models.Index(fields=["created_at"], name="usage_times"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.pk}"


class UsageOfDeleted(models.Model):
    """What deleted accounts have used in a day, all in one: the site's limits go on counting it."""

    created_at = models.DateTimeField(_("day"), unique=True)  # Its first moment, for the site.
    prompt_tokens = models.PositiveBigIntegerField(_("tokens sent"), default=0)
    completion_tokens = models.PositiveBigIntegerField(_("tokens written"), default=0)
    cost = models.DecimalField(_("cost"), max_digits=18, decimal_places=8, default=0)

    class Meta:
        verbose_name = _("usage of deleted accounts")
        verbose_name_plural = _("usage of deleted accounts")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"


class UsageByPerson(User):
    """A person, in the admin's list of who uses how much."""

    class Meta:
        proxy = True
        verbose_name = _("usage of a person")
        verbose_name_plural = _("usage by person")
