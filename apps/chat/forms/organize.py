import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.chat.models import Conversation, Tag
from apps.core.text import clean_text

TITLE_MAX_CHARS = 200
TAG_MAX_CHARS = 50
MAX_TAGS = 20  # Of one conversation.


def on_one_line(text: str) -> str:
    return " ".join(clean_text(text).split())


class TitleField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return on_one_line(str(value or ""))


class TitleForm(forms.Form):
    title = TitleField(
        label=_("Title"),
        max_length=TITLE_MAX_CHARS,
        widget=forms.TextInput({"dir": "auto", "autofocus": True, "autocomplete": "off"}),
    )


class TagsForm(forms.Form):
    """The person's tags to tick, and new ones to write."""

    tags = forms.MultipleChoiceField(
        label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    new = forms.CharField(
        label=_("New tags"),
        help_text=_("Separate them by commas."),
        required=False,
        widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
    )

    def __init__(self, conversation: Conversation, data: Any = None) -> None:
        chosen = list(conversation.tags.values_list("name", flat=True))
        super().__init__(data, initial={"tags": chosen})
        names = list(Tag.objects.filter(user=conversation.user_id).values_list("name", flat=True))
        self.fields["tags"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        if not names:
            del self.fields["tags"]

    def clean_new(self) -> list[str]:
        names = [on_one_line(name) for name in re.split("[,，、،]", self.cleaned_data["new"])]
        if any(len(name) > TAG_MAX_CHARS for name in names):
            raise forms.ValidationError(
                _("A tag can have %(n)s characters at most."), params={"n": TAG_MAX_CHARS}
            )
        return [name for name in names if name]

    def clean(self) -> dict[str, Any]:
        if len(self.names()) > MAX_TAGS:
            raise forms.ValidationError(
                _("A conversation can have %(n)s tags at most."), params={"n": MAX_TAGS}
            )
        return self.cleaned_data

    def names(self) -> list[str]:
        """Return the names that were ticked or written, each once."""
        written: list[str] = self.cleaned_data.get("new", [])
        names = {name.lower(): name for name in [*self.cleaned_data.get("tags", []), *written]}
        return list(names.values())
