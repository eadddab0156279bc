"""The pictures of a reply in its HTML, each where words stand for it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.html import escape, format_html
from django.utils.translation import gettext

from apps.chat.models import Attachment
from apps.chat.placeholders import PICTURE

_TAG = re.compile(r"(<[^>]*>)")  # Our HTML has no other `<`, and no `>` in what is in quotes.
_NAME = re.compile(r"<(/?)([a-z0-9-]+)")
_WORDS_ONLY = {"code", "pre", "math", "svg", "button", "title", "annotation"}


@dataclass(slots=True)
class Body:
    """A reply's HTML, and those of its files that are not in it."""

    html: str
    apart: list[Attachment]


@dataclass(slots=True)
class _Place:
    """Where in the HTML a text stands."""

    within: list[str] = field(default_factory=list)  # Open elements that matter.

    def pass_by(self, tag: str) -> None:
        found = _NAME.match(tag)
        if not found or (found[2] != "a" and found[2] not in _WORDS_ONLY):
            return
        if not found[1]:
            self.within.append(found[2])
        elif found[2] in self.within:
            self.within.remove(found[2])

    @property
    def takes_pictures(self) -> bool:
        return not any(name in _WORDS_ONLY for name in self.within)


def place(html: str, files: Sequence[Attachment], address_of: Callable[[Attachment], str]) -> Body:
    """Put the pictures among the files into the HTML; without an address one stays words."""
    waiting: dict[str, list[Attachment]] = {}
    for file in files:
        if file.is_picture:
            waiting.setdefault(_text(file.stand_in), []).append(file)
    if not waiting:
        return Body(html, list(files))
    placed: set[int] = set()
    words = re.compile("|".join(map(re.escape, sorted(waiting, key=len, reverse=True))))
    where = _Place()

    def picture(match: re.Match[str]) -> str:
        same = waiting[match[0]]
        file = same[0] if len(same) == 1 else same.pop(0)  # The last may stand there twice.
        address = address_of(file)
        if not address:
            return match[0]
        placed.add(file.pk)
        return picture_html(file, address, in_link="a" in where.within)

    parts = []
    for part in _TAG.split(html):
        if part.startswith("<"):
            where.pass_by(part)
        elif where.takes_pictures:
            part = words.sub(picture, part)
        parts.append(part)
    apart = [file for file in files if file.pk not in placed]
    return Body("".join(parts), apart)


def picture_html(file: Attachment, address: str, *, in_link: bool) -> str:
    """Return the picture, with a link to itself where no other may be around it."""
    image = format_html(
        '<img class="reply-picture" src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        address,
        file.width,
        file.height,
        alt_of(file),
    )
    if in_link or address.startswith("data:"):
        return image
    return format_html('<a class="reply-picture-link" href="{}">{}</a>', address, image)


def alt_of(file: Attachment) -> str:
    return gettext("Picture") if file.description == PICTURE else file.description


def _text(words: str) -> str:
    """Return the words as they stand in HTML."""
    return escape(words).replace("&#x27;", "'")
