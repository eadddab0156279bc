"""Conversations of ChatGPT's export: a mapping of nodes, each of which names its parent.

What only the service needs is left out: system messages, and what the model said to its tools and
they to it, which is kept as the reasoning of the reply that follows.
"""

import heapq
import re
from collections.abc import Iterator
from typing import Any

from apps.chat.import_values import (
    Conversation,
    items,
    mapping,
    moment,
    new_conversation,
    text,
)
from apps.chat.models import Message

Nodes = dict[str, dict[str, Any]]

# The service's own signs, in Unicode's private area, for sources that only its page can show.
_CITATION = re.compile("\ue200[^\ue201]*\ue201")
_PLACEHOLDERS = {
    "image_asset_pointer": "[Picture]",
    "audio_asset_pointer": "[Audio]",
    "video_container_asset_pointer": "[Video]",
}
_HIDDEN = ("user_editable_context", "model_editable_context", "reasoning_recap")


def read(data: dict[str, Any]) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    identifier = data.get("conversation_id") or data.get("id")
    conversation = new_conversation("chatgpt", identifier, data.get("title"))
    conversation.created_at = moment(data.get("create_time"))
    conversation.updated_at = moment(data.get("update_time"))
    nodes = {name: mapping(node) for name, node in mapping(data.get("mapping")).items()}
    places: dict[str, int | None] = {}  # Where the last message up to a node stands.
    before: dict[str, str] = {}  # What the model did since that message.
    seen = 0
    for name, parent in _from_the_roots(nodes):
        seen += 1
        place, done = places.get(parent), before.get(parent, "")
        places[name], before[name] = _take(conversation, nodes[name], place, done)
    conversation.odd += len(nodes) - seen  # They go in a circle.
    conversation.tip = places.get(text(data.get("current_node")))
    return conversation


def _from_the_roots(nodes: Nodes) -> Iterator[tuple[str, str]]:
    """Yield each node and its parent, in the order of time, but no node before its parent."""
    children: dict[str, list[str]] = {}
    for name, node in nodes.items():
        parent = text(node.get("parent"))
        children.setdefault(parent if parent in nodes else "", []).append(name)
    waiting = [(0.0, number, name, "") for number, name in enumerate(children.get("", []))]
    number = len(waiting)
    while waiting:
        _, _, name, parent = heapq.heappop(waiting)
        yield name, parent
        for child in children.get(name, []):
            number += 1
            heapq.heappush(waiting, (_time(nodes[child]), number, child, name))


def _time(node: dict[str, Any]) -> float:
    time = moment(mapping(node.get("message")).get("create_time"))
    return time.timestamp() if time else 0.0


def _take(
    conversation: Conversation, node: dict[str, Any], place: int | None, before: str
) -> tuple[int | None, str]:
    """Take the node's message, if people are to see it; return what the next follows."""
    fields = mapping(node.get("message"))
    role = text(mapping(fields.get("author")).get("role"))
    words, thoughts = _content(mapping(fields.get("content")))
    if role == "user" and words:
        message = Message(role=Message.Role.USER, content=words)
    elif role == "assistant" and words and fields.get("recipient", "all") == "all":
        message = Message(role=Message.Role.ASSISTANT, content=words, reasoning=before)
        message.model = text(mapping(fields.get("metadata")).get("model_slug"), 200)
    elif role in ("assistant", "tool"):
        return place, "\n\n".join(filter(None, [before, thoughts, words]))
    else:
        return place, before
    message.timestamp = moment(fields.get("create_time"))  # type: ignore[assignment]
    return conversation.add(place, message), ""


def _content(content: dict[str, Any]) -> tuple[str, str]:
    """Return the words of a message, and its thoughts."""
    kind = text(content.get("content_type"))
    if kind in _HIDDEN:
        return "", ""
    if kind == "thoughts":
        thoughts = [mapping(each) for each in items(content.get("thoughts"))]
        parts = [text(each.get(name)) for each in thoughts for name in ("summary", "content")]
        return "", "\n\n".join(filter(None, parts))
    if kind in ("code", "execution_output"):
        words = text(content.get("text"))
        return (f"```\n{words}\n```" if words else ""), ""
    if kind in ("text", "multimodal_text") or "parts" in content:
        words = "\n\n".join(filter(None, map(_part, items(content.get("parts")))))
    else:
        words = text(content.get("text")) or text(content.get("result"))
    return _CITATION.sub("", words).strip(), ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return text(part)
    fields = mapping(part)
    kind = text(fields.get("content_type"))
    return text(fields.get("text")) or _PLACEHOLDERS.get(kind, "")
