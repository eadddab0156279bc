from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q, Value
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.chat.models.attachments import Attachment
from apps.chat.models.conversations import Conversation
from apps.chat.placeholders import files_apart
from apps.core.db.prepared_queries import Parameter
from apps.ghibli_converter.models import Picture
from apps.jobs.leases import Leased, LeasedQuerySet

if TYPE_CHECKING:
    from apps.users.models import User


class MessageQuerySet(LeasedQuerySet["Message"]):
    def owned_by(self, user: "User | Parameter") -> "MessageQuerySet":
        """Those of the person's conversations that are not in the trash."""
        return self.filter(conversation__user=user, conversation__deleted_at=None)

    def abandoned(self) -> "MessageQuerySet":
        """Replies whose writer is gone; those that are pictures go by the leases of these."""
        return super().abandoned().filter(picture=None)


class Message(Leased):
    class Role(models.TextChoices):
        USER = "user", _("You")
        ASSISTANT = "assistant", _("Assistant")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Complete")
        STOPPED = "stopped", _("Stopped")
        ERROR = "error", _("Failed")
        INTERRUPTED = "interrupted", _("Interrupted")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    role = models.CharField(max_length=9, choices=Role.choices)
    content = models.TextField(blank=True)
    timestamp = models.DateTimeField(auto_now_add=True)
    key = models.UUIDField(null=True, blank=True, unique=True)  # Of the form that sent it.

    # What only a reply has.
    state = models.CharField(max_length=11, choices=State.choices, default=State.DONE)
    error = models.CharField(max_length=20, blank=True)  # A code of errors.py.
    retry_at = models.DateTimeField(null=True, blank=True)  # When the service may be asked again.
    reasoning = models.TextField(blank=True)
    refused = models.BooleanField(default=False)  # The content is the model's refusal.
    model = models.CharField(max_length=200, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    tokens_estimated = models.BooleanField(default=False)
    prompt_estimate = models.PositiveIntegerField(null=True, blank=True)  # Ours, uncorrected.
    # The id of the first message that the model was sent, if there are any before it. A foreign
    # key would cost an index that is never used.
    first_seen = models.PositiveBigIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=1, db_default=1
    )  # More than one: begun afresh.
    recalls = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # How often what had been shown as the reply turned out to be its reasoning.
    begun = models.PositiveIntegerField(
        default=0, db_default=0
    )  # Characters that an earlier version had.
    finished_at = models.DateTimeField(null=True, blank=True)
    left_out = models.JSONField(default=list, blank=True)  # Ids of files that were not sent.
    sources = models.JSONField(  # The pages that it rests on: reply_sources.py.
        default=list, blank=True, db_default=Value([], models.JSONField())
    )
    picture = models.ForeignKey(  # What the reply is; its words in `content` stand in for it.
        Picture,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        db_index=False,  # Few replies are pictures: see the indexes.
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state__in=["queued", "running"]),
                name="one_reply_in_progress_per_conversation",
            ),
            models.CheckConstraint(
                condition=Q(role="assistant") | Q(role="user", state="done"),
                name="only_replies_have_states",
            ),
            models.CheckConstraint(
                condition=Q(role="assistant") | Q(picture=None), name="only_replies_are_pictures"
            ),
        ]
        indexes = [
            models.Index(fields=["timestamp"], name="message_times"),
            models.Index(
                fields=["picture"], condition=Q(picture__isnull=False), name="message_pictures"
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["queued", "running"]),
                name="leases",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return f"{reverse('conversation', args=[self.conversation_id])}#message-{self.pk}"

    @property
    def words(self) -> str:
        """What was said, with the names of the files that went with it."""
        files = [
            file.stand_in if self.is_reply and file.is_picture else f"[file: {file.name}]"
            for file in self.files_apart
        ]
        if self.shown_picture:
            files.append(f"[file: {self.shown_picture.archive_name}]")
        return "\n\n".join(filter(None, (self.content, *files)))

    @cached_property
    def files(self) -> list[Attachment]:
        """What is attached; prefetch `attachments` for several messages."""
        return list(self.attachments.all())

    @property
    def files_apart(self) -> list[Attachment]:
        """Those of the files for which nothing stands in the text."""
        return files_apart(self.content, self.files) if self.is_reply else self.files

    @property
    def edition(self) -> int:
        """Which of the reply's texts this is; what grew before it is no longer part of it."""
        return self.attempts + self.recalls

    @property
    def is_reply(self) -> bool:
        return self.role == Message.Role.ASSISTANT

    @property
    def shown_picture(self) -> Picture | None:
        """The picture that the reply is, once it is made, unless it was deleted since."""
        picture = self.picture
        return picture if picture and picture.is_done and not picture.deleted_at else None
