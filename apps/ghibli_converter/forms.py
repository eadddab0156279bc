from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.text import clean_text
from apps.ghibli_converter.models import ALT_CHARS, WORDS_CHARS, Picture, Style
from apps.ghibli_converter.services import Wishes

AS_IT_FITS = ("", _("As it fits"))


class StyleField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, style: Any) -> str:
        return str(style.label)


class PictureForm(forms.Form):
    """What a picture should be, whatever it is made from."""

    words = forms.CharField(
        label=_("Your words"),
        max_length=WORDS_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    style = StyleField(
        queryset=Style.objects.on_offer(), required=False, empty_label=None, label=_("Style")
    )
    size = forms.ChoiceField(
        label=_("Shape"), choices=[AS_IT_FITS, *Picture.Size.choices], required=False
    )
    quality = forms.ChoiceField(label=_("Quality"), choices=Picture.Quality.choices, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def style_choices(self) -> list[dict[str, Any]]:
        """Return the styles, with the one that is chosen: the first, unless another was."""
        styles = list(Style.objects.on_offer())
        wanted = str(self["style"].value() or "")
        if styles and wanted not in {str(style.pk) for style in styles}:
            wanted = str(styles[0].pk)
        return [{"style": style, "is_chosen": str(style.pk) == wanted} for style in styles]

    @property
    def options(self) -> list[forms.BoundField]:
        return [self["size"], self["quality"]]

    def clean_words(self) -> str:
        return clean_text(self.cleaned_data["words"]).strip()

    @staticmethod
    def for_another(picture: Picture, *, is_input: bool) -> "type[PictureForm]":
        """Return the form that asks for a picture which begins with this one."""
        from_words = picture.kind == Picture.Kind.CREATE and not is_input
        return CreateForm if from_words else PictureForm

    @property
    def text(self) -> str:
        text: str = self.cleaned_data["words"]
        return text

    @property
    def wishes(self) -> Wishes:
        values = self.cleaned_data
        return Wishes(
            style=values["style"],
            size=values["size"],
            quality=values["quality"],
            key=values["key"],
        )


class CreateForm(PictureForm):
    """A picture from words alone."""

    kind = Picture.Kind.CREATE
    field_order = ("words",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = self.fields["words"]
        words.required, words.label = True, _("What should it show?")


class ConvertForm(PictureForm):
    """A picture from a photo."""

    kind = Picture.Kind.CONVERT
    photo = forms.FileField(
        label=_("Photo"),
        allow_empty_file=True,  # What it is is told by whoever opens it.
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif"}),
        error_messages={"required": _("Choose a photo first.")},
    )
    field_order = ("photo",)


class DescriptionForm(forms.Form):
    alt = forms.CharField(
        label=_("What does it show?"),
        max_length=ALT_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def clean_alt(self) -> str:
        return " ".join(clean_text(self.cleaned_data["alt"]).split())
