from django.conf import settings
from django.db import models


class StoredText(models.Model):
    """How much text a person has here; where the row is missing, or old, it is counted anew."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    size = models.BigIntegerField()  # Bytes.
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.size} bytes"
