"""Whose form of a conversation an object is in: each service names its fields in its own way."""

from collections.abc import Callable
from typing import Any

from apps.chat import (
    import_aistudio,
    import_chatgpt,
    import_claude,
    import_deepseek,
    import_gemini,
    import_librechat,
    import_openwebui,
    import_parlor,
    json_format,
)
from apps.chat.import_conversation import Conversation
from apps.chat.import_stock import Stock
from apps.chat.import_values import mapping

Data = dict[str, Any]
Reader = Callable[[Data, Stock], Conversation]


def form_of(data: Data) -> Reader | None:
    """Return what reads the object, None if nothing here does."""
    return next((read for is_one, read in _FORMS if is_one(data)), None)


def _is_parlor(data: Data) -> bool:
    return data.get("format") == json_format.FORMAT


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
    (_is_parlor, import_parlor.read),
    (import_deepseek.is_one, import_deepseek.read),
    (_is_chatgpt, import_chatgpt.read),
    (_is_claude, import_claude.read),
    (import_openwebui.is_one, import_openwebui.read),
    (import_librechat.is_one, import_librechat.read),
    (import_aistudio.is_one, import_aistudio.read),
    (import_gemini.is_one, import_gemini.read),
]
