import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.chat.attachments.uploads import Kept
from apps.chat.models import Summary
from apps.chat.replies.image_replies import request_for, words_of
from apps.core.text import clean_text
from apps.ghibli_converter.models import WORDS_CHARS

SUMMARY_CHARS = 6_000


class TypedField(forms.CharField):
    """A text as it was typed, cleaned of what no database can hold."""

    may_be_blank = False

    def to_python(self, value: object) -> str:
        return clean_text(str(value or ""))


class MessageField(TypedField):
    def validate(self, value: str) -> None:
        if not value.strip() and not self.may_be_blank:
            raise forms.ValidationError(_("Type a message first."), code="required")
        excess = len(value) - settings.CHAT_MESSAGE_MAX_CHARS
        if excess > 0:
            sentence = ngettext(
                "This message is too long by {n} character.",
                "This message is too long by {n} characters.",
                excess,
            )
            raise forms.ValidationError(
                sentence.format(n=number_format(excess, force_grouping=True)), code="max_length"
            )


class MessageForm(forms.Form):
    """The composer. Its key makes one message of a form that is sent twice."""

    message = MessageField(
        label=_("Message"),
        strip=False,
        required=False,  # MessageField says it in its own words.
        widget=forms.Textarea,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    model = forms.CharField(label=_("Model"), required=False)
    picture = forms.BooleanField(required=False)  # The button that asks for one.

    def __init__(self, *args: Any, kept: Kept | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept or Kept()  # The files that came with it: they are stored already.
        field = self.fields["message"]
        field.may_be_blank = bool(self.kept.ids)  # type: ignore[attr-defined]

    def clean(self) -> None:
        for refusal in self.kept.refusals:
            self.add_error(None, refusal)
        words = words_of(self._text())
        if words is not None and "message" in self.cleaned_data:
            self._check_picture(words)

    def _check_picture(self, words: str) -> None:
        if not words:
            self.add_error("message", _("Say what the picture should show."))
        if len(words) > WORDS_CHARS:
            self.add_error("message", _("These words are too long for a picture. Use fewer."))
        if self.kept.ids:
            sentence = _(
                "A picture is made of words alone. Remove the files, or send them with a message:"
                " a picture in it can be converted."
            )
            self.add_error(None, sentence)

    def _text(self) -> str:
        """Return the message as it will be stored."""
        text: str = self.cleaned_data.get("message", "")
        if self.cleaned_data.get("picture"):
            return request_for(text)
        return text if text.strip() else ""

    def clean_key(self) -> uuid.UUID:
        key: uuid.UUID | None = self.cleaned_data["key"]
        return key or uuid.uuid4()  # A client without our form; it has no double click.

    def sent(self) -> dict[str, Any]:
        """Return the arguments that services take."""
        text, key = self._text(), self.cleaned_data["key"]
        return {
            "text": text,
            # Back shows a form that was sent: with other words in it, it is another message.
            "key": uuid.uuid5(key, text + self.kept.fingerprint),
            "model": self.cleaned_data["model"],
            "attachments": self.kept.ids,
        }


class SummaryForm(forms.Form):
    """A summary as a person corrects it."""

    text = forms.CharField(
        label=_("Summary"),
        max_length=SUMMARY_CHARS,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
    )
    summary = forms.IntegerField(widget=forms.HiddenInput)  # Another may have been made meanwhile.

    def __init__(self, data: Any = None, *, summary: Summary | None) -> None:
        initial = {"text": summary.text, "summary": summary.pk} if summary else {}
        super().__init__(data, initial=initial, auto_id="summary-%s")
        self._summary = summary

    def clean_text(self) -> str:
        return clean_text(str(self.cleaned_data["text"]))

    def clean_summary(self) -> int:
        pk: int = self.cleaned_data["summary"]
        if self._summary is None or pk != self._summary.pk:
            sentence = _("Another summary has been made meanwhile. Here is what you wrote.")
            raise forms.ValidationError(sentence)
        return pk


class DraftForm(forms.Form):
    """The composer while one types: anything may stand in it, also nothing."""

    message = TypedField(strip=False, required=False)
    key = forms.UUIDField(required=False)
