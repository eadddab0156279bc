from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.chat.models.conversations import Conversation


class Tag(models.Model):
    """A word of a person's own, by which some of their conversations are found."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tags"
    )
    name = models.CharField(_("name"), max_length=50)
    conversations = models.ManyToManyField(Conversation, related_name="tags", blank=True)

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint("user", Lower("name"), name="one_tag_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
