"""What is known of the AI service's models, kept where all processes and the next start find it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Listing(models.Model):
    """The models that a service has last listed."""

    service = models.CharField(_("service"), max_length=64, primary_key=True)  # Of service_key().
    listed = models.JSONField(_("models"), default=list)  # Fields of ListedModel.
    listed_at = models.DateTimeField(_("listed at"), null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # By any process, with any success.

    class Meta:
        verbose_name = _("list of models")
        verbose_name_plural = _("lists of models")

    def __str__(self) -> str:
        return self.service


class UnfitModel(models.Model):
    """A model that has answered that it is not there, or cannot do this."""

    class Purpose(models.TextChoices):
        CHAT = "chat", _("chat")
        PICTURE = "picture", _("picture")

    service = models.CharField(_("service"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=7, choices=Purpose.choices)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("unfit model")
        verbose_name_plural = _("unfit models")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name", "purpose"], name="one_row_per_unfit_model"
            )
        ]

    def __str__(self) -> str:
        return self.name
