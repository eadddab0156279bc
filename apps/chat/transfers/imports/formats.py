"""Whose form of a conversation an object is in: each service names its fields in its own way."""

from collections.abc import Callable
from typing import Any

from apps.chat.transfers.exports import json
from apps.chat.transfers.imports.archive_files import Stock
from apps.chat.transfers.imports.conversation import Conversation
from apps.chat.transfers.imports.programs import (
    aistudio,
    claude,
    deepseek,
    gemini,
    librechat,
    openwebui,
    parlor,
)
from apps.chat.transfers.imports.programs.chatgpt import export
from apps.chat.transfers.imports.values import mapping

Data = dict[str, Any]
Reader = Callable[[Data, Stock], Conversation]


def form_of(data: Data) -> Reader | None:
    """Return what reads the object, None if nothing here does."""
    return next((read for is_one, read in _FORMS if is_one(data)), None)


def _is_parlor(data: Data) -> bool:
    return data.get("format") == json.FORMAT


def _is_claude(data: Data) -> bool:
    return isinstance(data.get("chat_messages"), list)


def _is_chatgpt(data: Data) -> bool:
    """Return whether its messages have authors; one without messages may be anybody's."""
    nodes = data.get("mapping")
    if not isinstance(nodes, dict):
        return False
    messages = [mapping(mapping(node).get("message")) for node in nodes.values()]
    return not any(messages) or any("author" in message for message in messages)


_FORMS: list[tuple[Callable[[Data], bool], Reader]] = [
    (_is_parlor, parlor.read),
    (deepseek.is_one, deepseek.read),
    (_is_chatgpt, export.read),
    (_is_claude, claude.read),
    (openwebui.is_one, openwebui.read),
    (librechat.is_one, librechat.read),
    (aistudio.is_one, aistudio.read),
    (gemini.is_one, gemini.read),
]
