from django.conf import settings
from django.db import models


class Draft(models.Model):
    """What a person has typed into the composer of a new chat, and not sent."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="draft"
    )
    text = models.TextField(blank=True)
    sent_key = models.UUIDField(null=True, blank=True)  # As that of a conversation.

    def __str__(self) -> str:
        return str(self.user)
