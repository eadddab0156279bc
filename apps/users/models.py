from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.files.share_tokens import make_nonce


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("This is not the name of a time zone."))


class User(AbstractUser):
    """A person with an account, and how they like Parlor."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Like the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    display_name = models.CharField(_("display name"), max_length=100, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_time_zone]
    )
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    enter_sends = models.BooleanField(_("Enter sends the message"), default=True)
    dismissed_announcements = models.JSONField(  # Their ids: here they cost a page no query.
        default=list,
        db_default=models.Value([], models.JSONField()),  # For a process of before the upgrade.
        editable=False,
    )
    shortcuts = models.BooleanField(_("Keyboard shortcuts"), default=True)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    chat_model = models.CharField(_("model of new chats"), max_length=200, blank=True)
    system_prompt = models.TextField(_("system prompt"), blank=True)
    # How often all sessions of this person were ended; those of an earlier count are not valid.
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    def get_session_auth_hash(self) -> str:
        return self._with_count(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from map(self._with_count, super().get_session_auth_fallback_hash())

    def _with_count(self, auth_hash: str) -> str:
        """Add the count of ended sessions; 0 leaves the hash as Django makes it, and so valid."""
        return f"{auth_hash}:{self.sessions_ended}" if self.sessions_ended else auth_hash

    def get_short_name(self) -> str:
        return self.display_name or self.username

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which this person's days begin."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)


def _in_two_weeks() -> datetime:
    return timezone.now() + timedelta(days=14)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> "InvitationQuerySet":
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link with which one account can be made, where registration needs one."""

    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("For whom it is."))
    nonce = models.CharField(max_length=32, default=make_nonce, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("works until"), default=_in_two_weeks)
    used_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("used by"),
    )
    used_at = models.DateTimeField(_("used at"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.note or f"{self.created_at:%Y-%m-%d}"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def current(self) -> "AnnouncementQuerySet":
        """Those that are shown now, or will be."""
        not_over = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
        return self.filter(not_over, is_active=True).order_by("-starts_at", "-pk")


class Announcement(models.Model):
    """What staff tell everybody who is logged in, at the top of every page."""

    class Level(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")

    text = models.TextField(_("text"), max_length=500, help_text=_("Addresses become links."))
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.INFO)
    is_active = models.BooleanField(_("active"), default=True)
    starts_at = models.DateTimeField(_("starts at"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Empty: until it is made inactive.")
    )

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                name="announcements_end_after_they_start",
                violation_error_message=_("It has to end after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def get_dismiss_url(self) -> str:
        return reverse("dismiss_announcement", args=[self.pk])
