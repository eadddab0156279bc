"""What comes with the text of a reply: its pictures, for which words stand in it, and sources."""

import uuid

from apps.chat.models import Message
from apps.chat.replies.pictures import ReplyPictures
from apps.chat.replies.sources import add_source
from apps.gateway.client import ReplyPicture, Source


class ReplyItems:
    """Those of one reply while it is written."""

    def __init__(self, reply: Message, run_id: uuid.UUID) -> None:
        self.sources: list[dict[str, str]] = list(reply.sources)
        self._pictures = ReplyPictures(reply, run_id)
        self._begun = reply.content[-2:]
        self.restart()

    def restart(self) -> None:
        """Go on from the text that the reply began with."""
        self._last_chars = self._begun
        self._is_after_picture = False  # What follows one that stands by itself stands so, too.

    def take(self, item: Source | ReplyPicture) -> str:
        """Keep it; return what is to be said of it in the text."""
        if isinstance(item, Source):
            add_source(self.sources, item)
            return ""
        words = self._pictures.take(item)
        if item.is_inline:
            return self.follow(words)
        self._is_after_picture = False
        words = self._follow(_as_paragraph(self._last_chars, words))
        self._is_after_picture = True
        return words

    def follow(self, text: str) -> str:
        """Return the text as it goes on after what came before it."""
        if text and self._is_after_picture:
            text = _as_paragraph(self._last_chars, text)
            self._is_after_picture = False
        return self._follow(text)

    def _follow(self, text: str) -> str:
        if text:
            self._last_chars = (self._last_chars + text)[-2:]
        return text


def _as_paragraph(last_chars: str, text: str) -> str:
    """Return the text as a paragraph of its own, after a text that ends with these characters."""
    ends = len(last_chars) - len(last_chars.rstrip("\n")) if last_chars else 2
    begins = len(text) - len(text.lstrip("\n"))
    return "\n" * max(0, 2 - ends - begins) + text
