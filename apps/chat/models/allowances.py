from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

AS_SET = _("Empty: as the settings say. 0: no limit.")


class Allowance(models.Model):
    """Limits of a person, or of the members of a group, that differ from the settings."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="allowance",
        verbose_name=_("user"),
    )
    group = models.OneToOneField(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="allowance",
        verbose_name=_("group"),
    )
    messages_per_minute = models.PositiveIntegerField(
        _("messages a minute"), null=True, blank=True, help_text=AS_SET
    )
    replies_at_once = models.PositiveIntegerField(
        _("replies at once"), null=True, blank=True, help_text=AS_SET
    )
    tokens_per_day = models.PositiveBigIntegerField(
        _("tokens a day"), null=True, blank=True, help_text=AS_SET
    )
    cost_per_month = models.DecimalField(
        _("money a month"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=AS_SET,
    )
    images_per_day = models.PositiveIntegerField(
        _("pictures a day"), null=True, blank=True, help_text=AS_SET
    )

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, group__isnull=False) | Q(user__isnull=False, group=None),
                name="of_a_person_or_of_a_group",
                violation_error_message=_("Choose either a user or a group."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)
