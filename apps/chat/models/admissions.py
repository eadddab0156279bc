from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class RateLimitEntry(models.Model):
    """That a person asked for something; it counts in its window, whatever they delete."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["user", "created_at"], name="rate_limit_of_person")]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Reservation(models.Model):
    """What a call beside the replies will about use: it counts until the call is booked."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=200)
    prompt_tokens = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)  # If its caller was killed.

    def __str__(self) -> str:
        return f"reservation {self.pk}"
