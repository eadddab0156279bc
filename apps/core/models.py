from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ModelQuirk(models.Model):
    """What a service has taught us about one of its models, for all processes."""

    service = models.CharField(_("service"), max_length=500, blank=True)
    model = models.CharField(_("model"), max_length=200)
    name = models.CharField(_("name"), max_length=40)
    value = models.JSONField(_("value"), null=True)
    learned_at = models.DateTimeField(_("learned at"), db_default=Now())

    class Meta:
        verbose_name = _("quirk of a model")
        verbose_name_plural = _("quirks of models")
        ordering = ["service", "model", "name"]
        constraints = [
            models.UniqueConstraint(fields=["service", "model", "name"], name="one_quirk_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.name}"
