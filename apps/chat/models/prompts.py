from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SavedPrompt(models.Model):
    """A text that a person uses again and again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prompts"
    )
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text"))

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_prompt_of_a_name")
        ]
        verbose_name = _("saved prompt")
        verbose_name_plural = _("saved prompts")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("edit_prompt", args=[self.pk])
