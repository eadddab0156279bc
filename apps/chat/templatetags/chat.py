from io import BytesIO

from django import template
from django.utils.safestring import SafeString, mark_safe

from apps.chat import errors
from apps.chat.channels import Fragment
from apps.chat.markdown import render_plain
from apps.chat.markdown_words import in_page_language
from apps.chat.models import Attachment, Message
from apps.chat.rendered import reply_html
from apps.core import files
from apps.core.failures import Failed
from apps.core.openai_content import data_address
from apps.ghibli_converter import images
from apps.ghibli_converter.models import Picture

register = template.Library()

PRINTED_EDGE = 1024  # Pixels: sharp on half a page.


@register.filter
def content_html(message: Message) -> SafeString:
    """Return the message as HTML: a reply is Markdown, what a person wrote stays as typed."""
    if message.is_reply:
        return mark_safe(in_page_language(reply_html(message.pk, message.content)))  # noqa: S308
    return mark_safe(render_plain(message.content))  # noqa: S308


@register.filter
def fragment_html(fragment: Fragment) -> SafeString:
    """Return what StreamRenderer made of a reply so far."""
    return mark_safe(in_page_language(fragment.html))  # noqa: S308


@register.filter
def thumbnail_data(picture: Attachment) -> str:
    """Return the small picture itself as an address, for pages that may fetch nothing."""
    try:
        return data_address(files.read(str(picture.thumbnail)), "image/webp")
    except OSError:  # Its file is gone, though its row is not.
        return ""


@register.filter
def picture_data(picture: Picture) -> str:
    """Return what was made itself as an address, likewise."""
    try:
        made = BytesIO(files.read(str(picture.result)))
    except OSError:
        return ""
    printed = images.normalise(made, PRINTED_EDGE, most_bytes=images.MADE_BYTES)
    return data_address(printed.data, printed.content_type)


@register.filter
def error_sentence(failed: Failed) -> str:
    return errors.sentence(failed)


@register.filter
def offers(reply: Message, what: str) -> bool:
    """Tell whether the failure has the button: again, continue, model, edit or new."""
    return what in errors.offers(reply)
