"""A conversation as it was read from a file, with what of it could not be taken."""

import uuid
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.chat.models import TITLE_CHARS, Message, make_title
from apps.chat.models.attachments import NAME_CHARS
from apps.chat.transfers.imports.archive_files import EMPTY, File, Stock
from apps.chat.transfers.imports.embedded_pictures import take_embedded
from apps.chat.transfers.imports.values import (
    MODEL_CHARS,
    Unreadable,
    identifier,
    line,
    moment,
    paragraphs,
    text,
)
from apps.core.text import clean_name
from apps.gateway.reply.reasoning import split_reasoning

MOST_MESSAGES = 50_000  # In one conversation.
MOST_CHARS = 60_000_000  # Of all its messages: versions of documents repeat much of themselves.
MOST_KINDS = 50  # That are told apart.
MOST_FILES = 100  # Of one message.

PICTURE = "[Picture]"
EMPTY_QUESTION = "[Empty message]"
EMPTY_REPLY = "[Empty reply]"

_KIND_CHARS = 60


@dataclass
class Turn:
    """What one message is to hold, while it is gathered."""

    words: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.files or any(self.words) or any(self.thoughts))


@dataclass
class Conversation:
    """A conversation that was read; nothing of it is stored yet."""

    origin: uuid.UUID
    title: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    draft: str = ""
    settings: dict[str, Any] = field(default_factory=dict)  # Fields of the row.
    tags: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    parents: list[int | None] = field(default_factory=list)  # Places of earlier messages.
    tip: int | None = None
    stock: Stock = field(default_factory=Stock)  # The files that came with it.
    files: dict[int, list[File]] = field(default_factory=dict)  # By the places of messages.
    is_foreign: bool = False  # Of another service, which may have left thoughts in replies.
    odd: int = 0  # Messages that could not be read.
    hidden: int = 0  # Messages that the service itself does not show.
    absent: int = 0  # Files that are named, and not there.
    left_out: Counter[str] = field(default_factory=Counter)  # All else, by its kind.
    _chars: int = 0

    def add(self, parent: int | None, message: Message, files: Iterable[File] = ()) -> int:
        """Add the message after those it may follow; return its place. Raise Unreadable."""
        if len(self.messages) == MOST_MESSAGES:
            raise Unreadable("too_many_messages")
        if self.is_foreign and message.is_reply:
            _split(message, has_files=bool(files))
        if self.is_foreign or message.is_reply:
            message.content, embedded = take_embedded(message.content)
            files = [*files, *embedded]
        message.content = self._kept(message.content)
        message.reasoning = self._kept(message.reasoning)
        place = len(self.messages)
        self.messages.append(message)
        self.parents.append(parent)
        if files := list(files):
            if len(files) > MOST_FILES:
                self.leave_out("file", len(files) - MOST_FILES)
            self.files[place] = files[:MOST_FILES]
        return place

    def leave_out(self, kind: Any, n: int = 1) -> None:
        """Note that there was something of a kind that nobody reads here."""
        kind = line(kind, _KIND_CHARS) or "?"
        if kind not in self.left_out and len(self.left_out) >= MOST_KINDS:
            kind = "…"
        self.left_out[kind] += n

    def check(self, what: str, fields: dict[str, Any], known: Container[str]) -> None:
        """Leave out the fields that nobody reads, as far as there is something in them."""
        for name, value in fields.items():
            if name not in known and isinstance(value, str | list | dict) and value:
                self.leave_out(f"{what}.{name}")

    def spend(self, chars: int) -> None:
        """Count what a message takes. Raise Unreadable if it becomes too much."""
        self._chars += chars
        if self._chars > MOST_CHARS:
            raise Unreadable("unreadable")

    def file(self, turn: Turn, name: Any, key: Any, stand_in: str = "") -> None:
        """Have the file go with the message, or words in its place if it did not come along."""
        called = clean_name(text(name)[:1000], NAME_CHARS)
        stand_in = stand_in or f"[File: {called or '?'}]"
        found = self.stock.find(text(key))
        if found is None:
            self.absent += 1
            turn.words.append(stand_in)
        else:
            turn.files.append(File(called or found.name, found, stand_in))

    def picture(self, turn: Turn, key: Any, name: Any = "") -> None:
        self.file(turn, name, key, PICTURE)

    def words(self, value: Any, turn: Turn) -> str:
        """Return what a message says, as a text or in parts; its pictures go to the turn."""
        if not isinstance(value, list):
            if value and not isinstance(value, str):
                self.leave_out(f"words as {type(value).__name__}")
            return text(value).strip()
        found = []
        for part in value:
            fields = part if isinstance(part, dict) else {"text": part}
            words, picture = text(fields.get("text")), fields.get("image_url")
            if picture:
                self.picture(turn, picture.get("url") if isinstance(picture, dict) else picture)
            elif not words:
                self.leave_out(fields.get("type") or "part without a type")
            found.append(words.strip())
        return paragraphs(found)

    def _kept(self, words: str) -> str:
        """Return the words, as far as any message can hold them."""
        self.spend(len(words))
        most = settings.CHAT_REPLY_MAX_CHARS
        if len(words) > most:
            self.leave_out(f"text beyond {most:,} characters")
        return words[:most]


def new_conversation(
    service: str,
    name: Any,
    title: Any,
    stock: Stock = EMPTY,
    created_at: Any = None,
    updated_at: Any = None,
) -> Conversation:
    """Begin a conversation of another service, known again by what it is called there."""
    conversation = Conversation(identifier(service, name), line(title), stock=stock)
    conversation.is_foreign = True
    conversation.created_at, conversation.updated_at = moment(created_at), moment(updated_at)
    return conversation


def message_of(role: Message.Role, words: str, time: Any = None, model: Any = "") -> Message:
    """Return a message of another service; what it has no words for is told by a stand-in."""
    message = Message(role=role, content=words)
    message.timestamp = moment(time)  # type: ignore[assignment]
    if message.is_reply:
        message.model = line(model, MODEL_CHARS)
    return message


def _split(message: Message, *, has_files: bool) -> None:
    """Take the thoughts out of a reply, as the gateway does with one that is written here."""
    said, thoughts = split_reasoning(message.content)
    if thoughts:
        message.content = said.strip() or ("" if has_files else EMPTY_REPLY)
        message.reasoning = paragraphs([message.reasoning, thoughts])


def title_of(conversation: Conversation) -> str:
    """Return its title, or one from its first words."""
    if conversation.title.strip():
        return conversation.title
    first = next((message.content for message in conversation.messages if message.content), "")
    return make_title(first[: TITLE_CHARS * 20]) or "…"
