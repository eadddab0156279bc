from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.chat.models.conversations import Conversation
from apps.chat.placeholders import stand_in
from apps.chat.reading_notes import describe_reading

NAME_CHARS = 120
BEGINNING_CHARS = 1_000  # Of its text; what a page shows.


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def waiting(self) -> "AttachmentQuerySet":
        """Only those that have been stored, but not sent."""
        return self.filter(message=None)

    def unplaced(self) -> "AttachmentQuerySet":
        """Only those that wait for a conversation that has not begun."""
        return self.waiting().filter(conversation=None)


class AttachmentManager(models.Manager.from_queryset(AttachmentQuerySet)):  # type: ignore[misc]
    """Reads of the texts only their beginnings: a page must not load megabytes."""

    def get_queryset(self) -> AttachmentQuerySet:
        beginning = Substr("text", 1, BEGINNING_CHARS, output_field=models.TextField())
        rows: AttachmentQuerySet = super().get_queryset()
        return rows.defer("text").annotate(beginning=beginning)


class Attachment(models.Model):
    """A file in a message, or one that waits to be sent with the next."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        TEXT = "text", _("Text file")
        PDF = "pdf", _("PDF")
        OFFICE = "office", _("Document")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    message = models.ForeignKey(
        "chat.Message", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    kind = models.CharField(max_length=7, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=NAME_CHARS)  # As its owner knows it.
    file = models.FileField(max_length=200)  # As it is stored; copies of a row share it.
    thumbnail = models.FileField(max_length=200, blank=True)
    content_type = models.CharField(max_length=50)
    size = models.PositiveBigIntegerField()  # Bytes, of the file.
    tokens = models.PositiveIntegerField()  # About what it takes of what the model sees.
    created_at = models.DateTimeField(auto_now_add=True)

    # What only a picture has.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    thumbnail_width = models.PositiveIntegerField(null=True, blank=True)
    thumbnail_height = models.PositiveIntegerField(null=True, blank=True)

    # What only a document has.
    text = models.TextField(blank=True)  # What the model is given of it.
    given_chars = models.PositiveIntegerField(default=0)
    chars = models.PositiveIntegerField(null=True, blank=True)  # Of its whole text, as far as read.
    pages = models.PositiveIntegerField(null=True, blank=True)
    pages_read = models.PositiveIntegerField(null=True, blank=True)

    reading = models.JSONField(  # What is to be said of how it was read: reading_notes.py.
        default=dict, blank=True, db_default=Value({}, models.JSONField())
    )

    objects = AttachmentManager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["file"], name="attachment_files"),
            models.Index(fields=["thumbnail"], name="attachment_thumbnails"),
            models.Index(fields=["created_at"], condition=Q(message=None), name="waiting_files"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("attachment", args=[self.pk])

    @property
    def is_picture(self) -> bool:
        return self.kind == Attachment.Kind.PICTURE

    @property
    def description(self) -> str:
        """What a picture shows, as far as its name tells."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def stand_in(self) -> str:
        """What stands for a picture in the text of the reply that it belongs to."""
        return stand_in(self.description)

    @property
    def is_cut(self) -> bool:
        """Tell whether the model is given less than the whole text."""
        return self.given_chars < (self.chars or 0) or (self.pages_read or 0) < (self.pages or 0)

    @property
    def is_longer(self) -> bool:
        """Tell whether the model is given more than the beginning that pages show."""
        return self.given_chars > BEGINNING_CHARS

    @property
    def extent(self) -> str:
        """What was taken of the document, in words."""
        if self.pages is None:
            return self._extent_in_chars()
        sentence = ngettext("{read} of {n} page", "{read} of {n} pages", self.pages)
        if self.pages_read == self.pages:
            sentence = ngettext("{n} page", "{n} pages", self.pages)
        pages = sentence.format(n=self.pages, read=self.pages_read)
        return f"{pages}, {self._extent_in_chars()}"

    @property
    def remarks(self) -> str:
        """What is to be said of how the document was read, in words; "" where it was easy."""
        return "; ".join(describe_reading(self.reading, self.pages_read or 0))

    def _extent_in_chars(self) -> str:
        chars = self.chars or 0
        sentence = ngettext("{n} character", "{n} characters", chars)
        if self.given_chars < chars:
            sentence = gettext("the first {given} of {n} characters")
        return sentence.format(n=_grouped(chars), given=_grouped(self.given_chars))


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
