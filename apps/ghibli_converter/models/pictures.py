from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.db.soft_delete import TrashQuerySet
from apps.ghibli_converter.models.styles import Style
from apps.jobs.leases import Leased, LeasedQuerySet

WORDS_CHARS = 4_000
ALT_CHARS = 500
NAME_CHARS = 120


class PictureQuerySet(  # type: ignore[override]  # Of as_manager(), which django-stubs adds.
    LeasedQuerySet["Picture"], TrashQuerySet["Picture"]
):
    def newest_first(self) -> "PictureQuerySet":
        return self.order_by("-pk")

    def shared(self) -> "PictureQuerySet":
        """Those whose link works: finished, not deleted, and of somebody who may log in."""
        return self.filter(state=Picture.State.DONE, deleted_at=None, user__is_active=True).exclude(
            share_hash=None
        )


_Manager = models.Manager.from_queryset(PictureQuerySet)


class PictureManager(_Manager["Picture"]):
    """All but what is in the trash: it exists only for the pages of the trash."""

    def get_queryset(self) -> PictureQuerySet:
        return PictureQuerySet(self.model, using=self._db).filter(deleted_at=None)


class Picture(Leased):
    """A picture that a model makes, of words alone or of a photo that a person has."""

    class Kind(models.TextChoices):
        CONVERT = "convert", _("Converted")
        CREATE = "create", _("Made from words")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        STOPPED = "stopped", _("Cancelled")
        ERROR = "error", _("Failed")
        INTERRUPTED = "interrupted", _("Interrupted")

    class Size(models.TextChoices):
        SQUARE = "square", _("Square")
        PORTRAIT = "portrait", _("Portrait")
        LANDSCAPE = "landscape", _("Landscape")

    class Quality(models.TextChoices):
        AUTOMATIC = "", _("Automatic")
        LOW = "low", _("Low, quick")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High, slow")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pictures"
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    style = models.ForeignKey(
        Style, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The picture that this one was made from."),
    )
    words = models.TextField(_("words"), max_length=WORDS_CHARS, blank=True)
    prompt = models.TextField(_("prompt"))  # As it is sent: the style's and the person's words.
    size = models.CharField(_("size"), max_length=9, choices=Size.choices)
    quality = models.CharField(_("quality"), max_length=6, choices=Quality.choices, blank=True)
    model = models.CharField(_("model"), max_length=200)
    key = models.UUIDField(null=True, blank=True, unique=True)  # Of the form that asked for it.
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    # How far it is.
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.QUEUED)
    error = models.CharField(_("error"), max_length=20, blank=True)  # A code of errors.py.
    retry_at = models.DateTimeField(null=True, blank=True)  # When the service may be asked again.
    tries = models.PositiveSmallIntegerField(_("tries"), default=1)
    asked_at = models.DateTimeField(default=timezone.now)  # For this try.
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    # The photo to convert: upright, without metadata, no larger than it has to be.
    original = models.FileField(max_length=200, blank=True)  # Further conversions share it.
    original_thumbnail = models.FileField(max_length=200, blank=True)
    original_name = models.CharField(_("photo"), max_length=NAME_CHARS, blank=True)
    original_width = models.PositiveIntegerField(null=True, blank=True)
    original_height = models.PositiveIntegerField(null=True, blank=True)

    # What was made.
    result = models.FileField(max_length=200, blank=True)
    thumbnail = models.FileField(max_length=200, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    file_size = models.PositiveBigIntegerField(default=0)  # Bytes, of all that is stored for it.

    # What the person has made of it.
    alt = models.CharField(_("description"), max_length=ALT_CHARS, blank=True)
    is_favourite = models.BooleanField(_("favourite"), default=False)
    share_nonce = models.CharField(max_length=32, blank=True, editable=False)
    share_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)  # Put into the trash.

    objects = PictureManager()
    with_trash = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="create") | ~Q(original=""), name="a_conversion_has_an_original"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(result=""), name="a_finished_picture_has_a_file"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-id"], condition=Q(deleted_at=None), name="gallery_pictures"
            ),
            models.Index(
                fields=["user", "-id"],
                condition=Q(deleted_at=None, is_favourite=True),
                name="favourite_pictures",
            ),
            models.Index(
                fields=["user", "-deleted_at", "-id"],
                condition=Q(deleted_at__isnull=False),
                name="deleted_pictures",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["queued", "running"]),
                name="picture_leases",
            ),
            models.Index(fields=["original"], name="picture_originals"),
            models.Index(fields=["original_thumbnail"], name="original_thumbnails"),
            models.Index(fields=["result"], name="picture_results"),
            models.Index(fields=["thumbnail"], name="picture_thumbnails"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("picture", args=[self.pk])

    @property
    def title(self) -> str:
        return self.alt or self.get_kind_display()

    @property
    def is_done(self) -> bool:
        return self.state == Picture.State.DONE

    @property
    def is_shared(self) -> bool:
        return self.share_hash is not None

    @property
    def archive_name(self) -> str:
        """Where what was made lies in the archive of an account."""
        return f"pictures/{self.pk}-picture.{str(self.result).rsplit('.', 1)[-1]}"

    @property
    def took(self) -> int | None:
        """How many seconds the last try has taken, once it has ended."""
        if not (self.started_at and self.finished_at):
            return None
        return max(1, round((self.finished_at - self.started_at).total_seconds()))

    @property
    def shown(self) -> dict[str, Any]:
        """The width and height that the thumbnail is shown with, to keep its place on a page."""
        if self.thumbnail:
            return {"width": self.width, "height": self.height}
        return {"width": self.original_width, "height": self.original_height}
