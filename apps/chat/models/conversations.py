from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

TITLE_CHARS = 60


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def newest_first(self) -> "ConversationQuerySet":
        return self.order_by("-updated_at", "-pk")


class Conversation(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(_("title"), max_length=200)
    named_by_person = models.BooleanField(default=False)  # Then no model gives it another title.
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)  # Of the newest message, not of a rename.
    tip = models.ForeignKey(
        "Message",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The last message of the branch that is shown."),
    )
    draft = models.TextField(blank=True)  # Typed, but not sent.
    model = models.CharField(_("model"), max_length=200, blank=True)  # Empty: the person's.
    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(2)],
    )
    max_tokens = models.PositiveIntegerField(
        _("longest reply, in tokens"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    system_prompt = models.TextField(_("system prompt"), blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-updated_at", "-id"], name="newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(temperature=None) | Q(temperature__range=(0, 2)),
                name="temperature_from_0_to_2",
            ),
            models.CheckConstraint(
                condition=Q(max_tokens=None) | Q(max_tokens__gt=0), name="replies_have_some_length"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.pk])


def make_title(text: str) -> str:
    """Return the first words of the text, cut between words to at most TITLE_CHARS characters."""
    title = " ".join(text.split())
    if len(title) <= TITLE_CHARS:
        return title
    cut = title[:TITLE_CHARS]  # One too many, for the ellipsis.
    words = cut.rsplit(" ", 1)[0] if " " in cut else cut[:-1]
    return words.rstrip(" ,.;:") + "…"
