from collections.abc import Callable
from io import BytesIO
from operator import methodcaller

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from apps.chat.models import Attachment, Message
from apps.chat.replies import failures, placed_pictures
from apps.chat.replies.placed_pictures import Body
from apps.chat.replies.sources import ShownSource, shown_sources
from apps.chat.replies.streaming.channels import Fragment
from apps.chat.replies.streaming.html_cache import reply_html
from apps.core.failure_messages import Failed
from apps.core.files import storage
from apps.gateway.reply.content import data_address
from apps.ghibli_converter.images import sanitizer
from apps.ghibli_converter.models import Picture
from apps.markdown.labels import in_page_language
from apps.markdown.stream import render_plain

register = template.Library()

PRINTED_EDGE = 1024  # Pixels: sharp on half a page.


@register.filter
def content_html(message: Message) -> SafeString:
    """Return the message as HTML: a reply is Markdown, what a person wrote stays as typed."""
    if message.is_reply:
        return mark_safe(in_page_language(reply_html(message.pk, message.content)))  # noqa: S308
    return mark_safe(render_plain(message.content))  # noqa: S308


@register.filter
def body(message: Message) -> Body:
    """Return the message as HTML, with its pictures, and the files that are not in it."""
    return _placed(message, methodcaller("get_absolute_url"))


@register.filter
def shared_body(message: Message, token: str) -> Body:
    """Return the same for the page that everybody with the token can read."""

    def address_of(file: Attachment) -> str:
        return reverse("shared_reply_picture", args=[token, message.pk, file.pk])

    return _placed(message, address_of)


@register.filter
def printed_body(message: Message) -> Body:
    """Return the same for pages that may fetch nothing."""
    return _placed(message, attachment_data)


def _placed(message: Message, address_of: Callable[[Attachment], str]) -> Body:
    if not message.is_reply:
        return Body(content_html(message), message.files)
    body = placed_pictures.place(content_html(message), message.files, address_of)
    body.html = mark_safe(body.html)  # noqa: S308  # Of our renderer, what was added is escaped.
    return body


@register.filter
def sources(message: Message) -> list[ShownSource]:
    return shown_sources(message.sources)


@register.filter
def alt(file: Attachment) -> str:
    return placed_pictures.alt_of(file)


@register.filter
def fragment_html(fragment: Fragment) -> SafeString:
    """Return what StreamRenderer made of a reply so far."""
    return mark_safe(in_page_language(fragment.html))  # noqa: S308


@register.filter
def thumbnail_data(picture: Attachment) -> str:
    """Return the small picture itself as an address, for pages that may fetch nothing."""
    try:
        return data_address(storage.read(str(picture.thumbnail)), "image/webp")
    except OSError:  # Its file is gone, though its row is not.
        return ""


@register.filter
def attachment_data(picture: Attachment) -> str:
    """Return the picture as an address, likewise."""
    return _printed(str(picture.file))


@register.filter
def picture_data(picture: Picture) -> str:
    """Return what was made itself as an address, likewise."""
    return _printed(str(picture.result))


def _printed(name: str) -> str:
    try:
        made = BytesIO(storage.read(name))
    except OSError:
        return ""
    printed = sanitizer.normalise(made, PRINTED_EDGE, most_bytes=sanitizer.MADE_BYTES)
    return data_address(printed.data, printed.content_type)


@register.filter
def error_sentence(failed: Failed) -> str:
    return failures.sentence(failed)


@register.filter
def offers(reply: Message, what: str) -> bool:
    """Tell whether the failure has the button: again, continue, model, edit or new."""
    return what in failures.offers(reply)
