"""Forms for what steers the model: a conversation's options, preferences, saved prompts."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.chat.context import model_picker, model_selection
from apps.chat.context.system_prompt import MAX_CHARS, has_room, joined
from apps.chat.models import Conversation, SavedPrompt
from apps.core.text import clean_text
from apps.users.models import User

MOST_TOKENS = 1_000_000  # Of one reply; more than any model writes.
NAME_TAKEN = _("You have a prompt of this name already.")


class PromptField(forms.CharField):
    """A text for the model; one that is too long comes back whole, and says by how much."""

    widget = forms.Textarea(attrs={"rows": 6, "dir": "auto"})

    def to_python(self, value: object) -> str:
        return clean_text(str(value or "")).strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        if (excess := len(value) - MAX_CHARS) > 0:
            sentence = ngettext(
                "This text is too long by {n} character.",
                "This text is too long by {n} characters.",
                excess,
            )
            raise forms.ValidationError(
                sentence.format(n=number_format(excess, force_grouping=True)), code="max_length"
            )


class ModelField(forms.ChoiceField):
    """A model on offer: one of a few in a list, or found among many."""

    part = "chat/_model_field.html"

    def __init__(self, label: str, user: User, chosen: str, usual: str, search: "Search") -> None:
        self.chosen, self.query = chosen, search.query
        picker = model_picker.picker(user, chosen)
        self.is_search = not picker.is_whole
        found = model_picker.find(user, search.query) if search.query else None
        self.found = found.total if found else None
        listed = [search.posted, *(found.names if found else []), *picker.names]
        names = [name for name in dict.fromkeys(listed) if name]
        self.listed = [("", usual), *((name, name) for name in names)]
        super().__init__(label=label, choices=self.listed, required=False)

    def prepare_value(self, value: Any) -> Any:
        """Return the model that is to be chosen; one that was recovered may not be listed yet."""
        if value and (value, value) not in self.listed and self.valid_value(value):
            self.choices = self.listed = [*self.listed, (value, value)]
        return value

    def valid_value(self, value: str) -> bool:
        return value == self.chosen or model_selection.may_choose(value)


class Search:
    """What was looked for with the button of a form that is not to be saved by it."""

    def __init__(self, data: QueryDict | None, field: str) -> None:
        data = data or QueryDict()
        query = " ".join(clean_text(data.get("find") or "").split())[:200]
        self.query = query if "find_model" in data else ""
        posted = data.get(field) or ""
        self.posted = posted if model_selection.may_choose(posted) else ""


class OptionsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How one conversation is answered."""

    temperature = forms.FloatField(
        label=_("Temperature"),
        min_value=0,
        max_value=2,
        step_size=0.05,
        required=False,
        help_text=_("From 0, always the likeliest word, to 2. Empty leaves it to the model."),
    )
    max_tokens = forms.IntegerField(
        label=_("Longest reply, in tokens"),
        min_value=1,
        required=False,
        help_text=_("A token is about four letters. Empty leaves it to the model."),
    )
    system_prompt = PromptField(
        label=_("System prompt"),
        required=False,
        help_text=_("What the model is told before this conversation."),
    )

    class Meta:
        model = Conversation
        fields = ["model", "temperature", "max_tokens", "system_prompt"]

    def __init__(self, data: QueryDict | None, *, instance: Conversation) -> None:
        user, chosen, search = instance.user, instance.model, Search(data, "model")
        super().__init__(**_given(data, search), instance=instance)
        usual = model_picker.usual_label(user)
        self.fields["model"] = ModelField(gettext("Model"), user, chosen, usual, search)
        _limit(self.fields["max_tokens"], settings.CHAT_MAX_OUTPUT_TOKENS or MOST_TOKENS)
        if saved := self.instance.user.prompts.all():
            self.fields["prompt"] = forms.ModelChoiceField(
                label=_("Add a saved prompt"),
                queryset=saved,
                required=False,
                empty_label=_("None"),
                help_text=_("It is put below the system prompt when you save."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if (saved := cleaned.get("prompt")) and "system_prompt" in cleaned:
            text = joined(cleaned["system_prompt"], saved.text)
            try:
                cleaned["system_prompt"] = self.fields["system_prompt"].clean(text)
            except forms.ValidationError as error:
                self.add_error("system_prompt", error)
        return cleaned


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a person's conversations are answered."""

    system_prompt = PromptField(
        label=_("System prompt"),
        required=False,
        help_text=_(
            "What every model is told before all your chats: who you are, how you like it."
        ),
    )

    class Meta:
        model = User
        fields = ["chat_model", "system_prompt"]

    def __init__(self, data: QueryDict | None, *, instance: User) -> None:
        chosen, search = instance.chat_model, Search(data, "chat_model")
        super().__init__(**_given(data, search), instance=instance)
        usual = model_picker.usual_label(User())
        field = ModelField(gettext("Model of new chats"), instance, chosen, usual, search)
        field.help_text = gettext("You can choose another one in every chat.")
        self.fields["chat_model"] = field


class SavedPromptForm(forms.ModelForm):  # type: ignore[type-arg]
    text = PromptField(label=_("Text"))

    class Meta:
        model = SavedPrompt
        fields = ["name", "text"]

    def clean_name(self) -> str:
        name = " ".join(clean_text(self.cleaned_data["name"]).split())
        if not name:
            raise forms.ValidationError(self.fields["name"].error_messages["required"])
        others = self.instance.user.prompts.exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError(NAME_TAKEN, code="unique")
        return name

    def clean(self) -> dict[str, Any]:
        if self.instance.pk is None and not has_room(self.instance.user):
            raise forms.ValidationError(
                _("You have as many saved prompts as you can have. Delete one first.")
            )
        return super().clean() or {}


def _given(data: QueryDict | None, search: Search) -> dict[str, Any]:
    """Return what a form is given: what was typed beside a search stays, and is not judged yet."""
    return {"initial": data.dict()} if data and search.query else {"data": data}


def _limit(field: forms.Field, most: int) -> None:
    field.validators.append(MaxValueValidator(most))
    field.widget.attrs["max"] = most
