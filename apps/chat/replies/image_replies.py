"""Replies that are pictures: asked for by `/image words`, made as those of the gallery are.

The picture's row is the one that is queued, made, swept and booked; the reply's follows it, in the
transactions that write it, so that the two never differ.
"""

import re
from typing import Any

from apps.chat.models import Message
from apps.core.text import shortened
from apps.ghibli_converter.models import Picture

COMMAND = "/image"
STAND_IN_CHARS = 300

_REQUEST = re.compile(rf"\s*{COMMAND}(?!\S)(.*)", re.DOTALL)


def words_of(question: str) -> str | None:
    """Return what the picture is to show that is asked for; None if it is a reply in words."""
    match = _REQUEST.fullmatch(question)
    return match[1].strip() if match else None


def request_for(words: str) -> str:
    """Return the message that asks for a picture of these words, or is such a one already."""
    return words if words_of(words) is not None else f"{COMMAND} {words.strip()}"


def sync(sender: object, *, picture: Picture, **kwargs: Any) -> None:
    """Let the replies that are this picture say how far it is."""
    replies = Message.objects.filter(picture=picture.pk)
    if picture.is_in_progress:  # One that the gallery tries again stays as it ended.
        replies.in_progress().update(state=picture.state)
        return
    replies.update(
        state=picture.state,
        error=picture.error,
        retry_at=picture.retry_at,
        model=picture.model,
        finished_at=picture.finished_at,
        content=_stand_in(picture) if picture.is_done else "",
    )


def _stand_in(picture: Picture) -> str:
    """Return the words for where a picture cannot be: what models read, searches, and text."""
    words = shortened(" ".join(picture.words.split()), STAND_IN_CHARS)
    return f"[picture: {words}]"
