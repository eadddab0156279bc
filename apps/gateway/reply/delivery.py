"""Hands over what an answer says: cleaned, measured, its thoughts apart, nothing of it twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from apps.core.text import TextCleaner, Trimmer
from apps.gateway.call import Call
from apps.gateway.errors.translation import Failure
from apps.gateway.reply.choices import Said
from apps.gateway.reply.embedded_pictures import PictureSplitter, take_pictures
from apps.gateway.reply.reasoning import Split, ThoughtSplitter
from apps.gateway.reply.repeats import Heard
from apps.gateway.types import ReplyPicture, Source

_MOST_ITEMS = 200  # Pictures and sources of one answer.
_MOST_LETTERS = 60_000_000  # Of the pictures in its text; no other limit counts them.


@dataclass(slots=True)
class Receiver:
    """Who takes what is neither text nor reasoning."""

    on_item: Callable[[Source | ReplyPicture], None] = lambda item: None
    # All text delivered so far is to be taken back: it was this reasoning.
    on_recall: Callable[[str], None] = lambda reasoning: None


class Delivery:
    """From the pieces of one answer to whoever asked for it."""

    def __init__(
        self,
        call: Call,
        deliver: Callable[[str, str], None],
        max_chars: int,
        receiver: Receiver,
        begun: str,
    ) -> None:
        self.gather: Callable[[], float] | None = None
        self.error: BaseException | None = None  # What the receiver has raised.
        self.arrived = self.has_text = self.refused = False
        self.pictures = 0
        self.text, self.reasoning = Heard(), Heard()
        self._call, self._deliver, self._receiver = call, deliver, receiver
        self._chars_left, self._text_chars = max_chars, 0
        self._splitter, self._trimmer = ThoughtSplitter(begun), Trimmer()
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

    def add(self, said: Said, is_whole: bool, is_end: bool, has_delta: bool) -> None:
        """Add what a delta or, whole, a message says, without what has come before."""
        self.refused = self.refused or said.refused
        new = _new_whole if is_whole else _new_piece
        if text := new(self.text, said.text, is_end, has_delta):
            self.text.add(text)
        if reasoning := new(self.reasoning, said.reasoning, is_end, has_delta):
            self.reasoning.add(reasoning)
        self.add_items(said.items)

    def add_items(self, items: Iterable[Source | ReplyPicture]) -> None:
        for item in items:
            key = _key(item)
            if key in self._known or len(self._known) >= _MOST_ITEMS:
                continue
            self._known.add(key)
            if self.is_waiting:
                self.pass_on()  # Each in its place.
            self._hand_over(item)

    def _hand_over(self, item: Source | ReplyPicture) -> None:
        if isinstance(item, ReplyPicture):
            self.pictures += 1
            self.arrived = True
        self._guarded(partial(self._receiver.on_item, item))

    def pass_on(self, last: bool = False) -> None:
        """Deliver what was added."""
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
            self._guarded(partial(self._receiver.on_recall, recalled))
        self._send_parts(self._embedded.feed(text) if text else [], reasoning)

    def _send_parts(self, parts: list[str | ReplyPicture], reasoning: str) -> None:
        """Deliver texts and pictures in their order."""
        if reasoning:
            text = parts.pop(0) if parts and isinstance(parts[0], str) else ""
            self._send_within_limit(str(text), reasoning)
        for part in parts:
            if isinstance(part, str):
                self._send_within_limit(part, "")
            elif self.pictures < _MOST_ITEMS:
                self._hand_over(part)
        if self._embedded.letters > _MOST_LETTERS:
            raise Failure("too_big", reason="the letters of pictures")

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
            raise Failure("too_big", reason="the limit of characters")

    def _guarded(self, deliver: Callable[[], None]) -> None:
        try:
            deliver()
        except BaseException as error:
            self.error = error
            raise


def _new_whole(heard: Heard, text: str, is_end: bool, has_delta: bool) -> str:
    """Return what is new of a whole message: beside deltas it can only repeat them."""
    new = heard.new_part(text)
    return "" if has_delta and heard.length and new == text else new


def _new_piece(heard: Heard, text: str, is_end: bool, has_delta: bool) -> str:
    return heard.new_of_piece(text, is_end)


def _without_pictures(text: str) -> str:
    parts = take_pictures(text)
    return "".join(part if isinstance(part, str) else "[picture]" for part in parts)


def _key(item: Source | ReplyPicture) -> bytes:
    if isinstance(item, Source):
        return item.url.encode("utf-8", "replace")
    words = item.description.encode("utf-8", "replace")
    return blake2b(item.data + b"\0" + words, digest_size=16).digest()
