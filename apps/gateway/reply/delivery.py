"""Delivery: pass on a reply's text, reasoning, pictures and sources, cleaned and within limits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from apps.core.text import TextCleaner, Trimmer
from apps.gateway.call import Call
from apps.gateway.errors.translation import UpstreamError
from apps.gateway.reply.choices import ParsedMessage
from apps.gateway.reply.embedded_pictures import PictureSplitter, split_pictures
from apps.gateway.reply.reasoning import ReasoningSplitter, Split
from apps.gateway.reply.repeats import ReceivedText
from apps.gateway.types import ReplyPicture, Source

_MAX_ITEMS = 200  # Pictures and sources of one answer.
_MAX_BASE64_CHARS = 60_000_000  # Of all pictures in its text.


@dataclass(slots=True)
class ReplyCallbacks:
    """What is called for anything but text and reasoning."""

    on_item: Callable[[Source | ReplyPicture], None] = lambda item: None
    # All text delivered so far is to be withdrawn: it was this reasoning.
    on_recall: Callable[[str], None] = lambda reasoning: None


class Delivery:
    """From the parsed pieces of one reply to the caller's deliver(text, reasoning)."""

    def __init__(
        self,
        call: Call,
        deliver: Callable[[str, str], None],
        max_chars: int,
        callbacks: ReplyCallbacks,
        prefix: str,
    ) -> None:
        self.gather: Callable[[], float] | None = None
        self.error: BaseException | None = None  # What deliver() or a callback has raised.
        self.arrived = self.has_text = self.refused = False
        self.pictures = 0
        self.text, self.reasoning = ReceivedText(), ReceivedText()
        self._call, self._deliver, self._callbacks = call, deliver, callbacks
        self._chars_left, self._text_chars = max_chars, 0
        self._splitter, self._trimmer = ReasoningSplitter(prefix), Trimmer()
        self._embedded = PictureSplitter()
        self._text_cleaner, self._reasoning_cleaner = TextCleaner(), TextCleaner()
        self._known: set[bytes] = set()  # Hashes of items.

    @property
    def is_waiting(self) -> bool:
        return bool(self.text.pending or self.reasoning.pending)

    @property
    def has_answer(self) -> bool:
        return self.has_text or self.pictures > 0

    @property
    def calls_tool(self) -> bool:
        return self._splitter.calls_tool

    def add(self, parsed: ParsedMessage, is_whole: bool, is_end: bool, has_delta: bool) -> None:
        """Add the new part of a delta, or of a whole message, which may repeat the deltas."""
        self.refused = self.refused or parsed.refused
        new = _new_whole if is_whole else _new_piece
        if text := new(self.text, parsed.text, is_end, has_delta):
            self.text.add(text)
        if reasoning := new(self.reasoning, parsed.reasoning, is_end, has_delta):
            self.reasoning.add(reasoning)
        self.add_items(parsed.items)

    def add_items(self, items: Iterable[Source | ReplyPicture]) -> None:
        for item in items:
            key = _key(item)
            if key in self._known or len(self._known) >= _MAX_ITEMS:
                continue
            self._known.add(key)
            if self.is_waiting:
                self.flush()  # Keeps the item's place in the text.
            self._deliver_item(item)

    def _deliver_item(self, item: Source | ReplyPicture) -> None:
        if isinstance(item, ReplyPicture):
            self.pictures += 1
            self.arrived = True
        self._guarded(partial(self._callbacks.on_item, item))

    def flush(self, last: bool = False) -> None:
        """Deliver what was added; with `last`, also what was held back."""
        text = self._text_cleaner.feed(self.text.take())
        reasoning = self._reasoning_cleaner.feed(self.reasoning.take())
        if last:
            text += self._text_cleaner.flush()
            reasoning += self._reasoning_cleaner.flush()
        split = self._splitter.feed(text)
        self._send(split, reasoning)
        if last:
            self._send(self._splitter.flush(), "")
            self._send_parts(self._embedded.flush(), "")

    def _send(self, split: Split, reasoning: str) -> None:
        text = split.text
        reasoning = self._trimmer.feed(
            f"{reasoning}{split.reasoning}" if reasoning else split.reasoning
        )
        if split.recalls and self._text_chars:
            self._chars_left += self._text_chars
            self._text_chars, self.has_text = 0, False
            recalled, reasoning = _without_pictures(reasoning), ""
            self._embedded = PictureSplitter()
            self._chars_left -= len(recalled)
            self._guarded(partial(self._callbacks.on_recall, recalled))
        self._send_parts(self._embedded.feed(text) if text else [], reasoning)

    def _send_parts(self, parts: list[str | ReplyPicture], reasoning: str) -> None:
        """Deliver texts and pictures in their order."""
        if reasoning:
            text = parts.pop(0) if parts and isinstance(parts[0], str) else ""
            self._send_within_limit(str(text), reasoning)
        for part in parts:
            if isinstance(part, str):
                self._send_within_limit(part, "")
            elif self.pictures < _MAX_ITEMS:
                self._deliver_item(part)
        if self._embedded.base64_chars > _MAX_BASE64_CHARS:
            raise UpstreamError("too_big", reason="too much data in pictures")

    def _send_within_limit(self, text: str, reasoning: str) -> None:
        too_big = len(text) + len(reasoning) > self._chars_left
        if too_big:
            left = max(0, self._chars_left)
            reasoning = reasoning[:left]
            text = text[: left - len(reasoning)]
        self._chars_left -= len(text) + len(reasoning)
        if text or reasoning:
            self.arrived = True
            self._text_chars += len(text)
            self.has_text = self.has_text or bool(text.strip())
            self._call.gather = self.gather
            self._guarded(partial(self._deliver, text, reasoning))
        if too_big:
            raise UpstreamError("too_big", reason="the limit of characters")

    def _guarded(self, deliver: Callable[[], None]) -> None:
        try:
            deliver()
        except BaseException as error:
            self.error = error
            raise


def _new_whole(received: ReceivedText, text: str, is_end: bool, has_delta: bool) -> str:
    """Return the new part of a whole message: after deltas it can only repeat them."""
    new = received.new_part(text)
    return "" if has_delta and received.length and new == text else new


def _new_piece(received: ReceivedText, text: str, is_end: bool, has_delta: bool) -> str:
    return received.new_of_piece(text, is_end)


def _without_pictures(text: str) -> str:
    parts = split_pictures(text)
    return "".join(part if isinstance(part, str) else "[picture]" for part in parts)


def _key(item: Source | ReplyPicture) -> bytes:
    if isinstance(item, Source):
        return item.url.encode("utf-8", "replace")
    words = item.description.encode("utf-8", "replace")
    return blake2b(item.data + b"\0" + words, digest_size=16).digest()
