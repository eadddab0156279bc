from django.db import models
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class StyleQuerySet(models.QuerySet["Style"]):
    def on_offer(self) -> "StyleQuerySet":
        return self.filter(is_active=True)


class Style(models.Model):
    """How pictures may look; staff edit them. The first is chosen unless a person chooses."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    prompt = models.TextField(
        _("prompt"), max_length=4_000, help_text=_("What the model is told of the style.")
    )
    example = models.FileField(_("example picture"), max_length=200, blank=True)
    sample = models.CharField(max_length=40, blank=True, editable=False)  # One of static/styles.
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    objects = StyleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("style")
        verbose_name_plural = _("styles")

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name in the page's language, if it is one of those that Parlor comes with."""
        return gettext(self.name)

    @property
    def example_address(self) -> str:
        """Where the picture is that shows the style: staff's, or the one Parlor comes with."""
        if self.example:
            return reverse("style_example", args=[self.pk])
        return static(f"styles/{self.sample}.webp") if self.sample else ""

    @property
    def about(self) -> str:
        """The description in the page's language, likewise."""
        return gettext(self.description) if self.description else ""
