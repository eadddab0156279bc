import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.db.soft_delete import TrashQuerySet
from apps.core.text import shortened

TITLE_CHARS = 60


class ConversationQuerySet(TrashQuerySet["Conversation"]):
    def newest_first(self) -> "ConversationQuerySet":
        return self.order_by("-updated_at", "-pk")

    def listed(self) -> "ConversationQuerySet":
        """Those of the list, in its order."""
        return self.filter(is_archived=False).order_by("-is_pinned", "-updated_at", "-pk")

    def archived(self) -> "ConversationQuerySet":
        return self.filter(is_archived=True).newest_first()


_Manager = models.Manager.from_queryset(ConversationQuerySet)


class ConversationManager(_Manager["Conversation"]):
    """All but what is in the trash: it exists only for the pages of the trash."""

    def get_queryset(self) -> ConversationQuerySet:
        return ConversationQuerySet(self.model, using=self._db).filter(deleted_at=None)


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
    sent_key = models.UUIDField(null=True, blank=True)  # Of the composer that was sent last.
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
    is_pinned = models.BooleanField(_("pinned"), default=False)
    is_archived = models.BooleanField(_("archived"), default=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)  # Put into the trash.
    # The same wherever it is exported to, so that a file that is imported twice counts once.
    origin = models.UUIDField(default=uuid.uuid4, editable=False)

    objects = ConversationManager()
    with_trash = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "-is_pinned", "-updated_at", "-id"],
                condition=Q(deleted_at=None, is_archived=False),
                name="listed_conversations",
            ),
            models.Index(
                fields=["user", "-updated_at", "-id"],
                condition=Q(deleted_at=None, is_archived=True),
                name="archived_conversations",
            ),
            models.Index(
                fields=["user", "-deleted_at", "-id"],
                condition=Q(deleted_at__isnull=False),
                name="deleted_conversations",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(temperature=None) | Q(temperature__range=(0, 2)),
                name="temperature_from_0_to_2",
            ),
            models.CheckConstraint(
                condition=Q(max_tokens=None) | Q(max_tokens__gt=0), name="replies_have_some_length"
            ),
            models.UniqueConstraint(fields=["user", "origin"], name="one_conversation_per_origin"),
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
    if " " not in cut:
        return shortened(title, TITLE_CHARS)
    return cut.rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
