"""What a message of ChatGPT's export holds, by the types of its content and of their parts."""

import json
from collections.abc import Callable
from typing import Any

from apps.chat.transfers.imports.conversation import Conversation, Turn
from apps.chat.transfers.imports.markup import fenced, link, quoted
from apps.chat.transfers.imports.programs.chatgpt.marks import without_marks
from apps.chat.transfers.imports.values import items, mapping, paragraphs, text

Fields = dict[str, Any]
Reader = Callable[[Conversation, Fields, Turn], None]

# Fields that hold nothing for people.
_PART = {"content_type", "asset_pointer", "text", "metadata", "format", "tool_audio_direction"}
_PART |= {"direction", "decoding_id", "expiry_datetime", "fovea", "watermarked_asset_pointer"}
_CONTENT = {"content_type", "parts", "text", "language", "response_format_name", "result", "name"}
_CONTENT |= {"title", "url", "domain", "summary", "thoughts", "content", "source_analysis_msg_id"}
_CONTENT |= {"tether_id", "assets", "repository", "repo_summary", "user_profile"}
_CONTENT |= {"user_instructions", "model_set_context", "structured_context", "computer_id"}
_CONTENT |= {"screenshot", "state", "snippet", "pub_date", "crawl_date", "pub_timestamp", "ref_id"}
_CONTENT |= {"reasoning", "error", "output_str", "is_ephemeral"}


def read_content(conversation: Conversation, content: Fields, turn: Turn) -> None:
    """Add what people saw, or were told, to the turn; count what cannot be shown."""
    kind = text(content.get("content_type"))
    if kind in _TYPES:
        _TYPES[kind](conversation, content, turn)
    elif "parts" in content:
        _parts(conversation, content, turn)
    elif words := _plain(conversation, content):
        turn.words.append(words)
    if kind not in _TYPES and turn.is_empty:
        conversation.leave_out(kind or "message without a type")
    conversation.check(kind or "content", content, _CONTENT)


def marked(conversation: Conversation, words: Any) -> str:
    return without_marks(text(words), conversation.leave_out).strip()


def _plain(conversation: Conversation, content: Fields) -> str:
    names = ("title", "text", "result", "content", "summary", "output_str")
    words = [marked(conversation, content.get(name)) for name in names]
    address = text(content.get("url"))
    return paragraphs([*dict.fromkeys(words), link(address) if address else ""])


def _parts(conversation: Conversation, content: Fields, turn: Turn) -> None:
    parts = items(content.get("parts"))
    is_told = any(mapping(part).get("content_type") == "audio_transcription" for part in parts)
    for part in parts:
        if isinstance(part, str):
            turn.words.append(marked(conversation, part))
        elif isinstance(part, dict):
            _part(conversation, part, turn, is_told=is_told)
        elif part is not None:
            conversation.leave_out("part that is no text")


def _part(conversation: Conversation, part: Fields, turn: Turn, *, is_told: bool) -> None:
    kind = text(part.get("content_type")) or text(part.get("type"))
    if kind == "image_asset_pointer":
        conversation.picture(turn, part.get("asset_pointer"))
    elif "audio" in kind and kind != "audio_transcription":
        conversation.leave_out(kind)
        turn.words.append("" if is_told else "[Audio]")
        _nested(conversation, part, turn)
        return
    elif kind.startswith("video"):
        conversation.leave_out(kind)
        turn.words.append("[Video]")
        _nested(conversation, part, turn)
        return
    elif words := marked(conversation, part.get("text")):
        turn.words.append(words)
    else:
        conversation.leave_out(kind or "part without a type")
        return
    conversation.check(kind or "part", part, _PART)


def _nested(conversation: Conversation, part: Fields, turn: Turn) -> None:
    """Count what else a recording holds, like the pictures of a camera."""
    for name, value in part.items():
        if name.endswith("_pointers") and items(value):
            conversation.leave_out(name, len(value))


def _code(conversation: Conversation, content: Fields, turn: Turn) -> None:
    turn.words.append(fenced(text(content.get("text")), content.get("language")))


def _thoughts(conversation: Conversation, content: Fields, turn: Turn) -> None:
    for thought in map(mapping, items(content.get("thoughts"))):
        turn.thoughts += [text(thought.get(name)) for name in ("summary", "content")]
        conversation.check("thought", thought, {"summary", "content", "chunks", "finished"})
    turn.thoughts.append(text(content.get("text")))


def _recap(conversation: Conversation, content: Fields, turn: Turn) -> None:
    turn.thoughts.append(text(content.get("content")) or text(content.get("text")))


def _quote(conversation: Conversation, content: Fields, turn: Turn) -> None:
    url, name = content.get("url"), text(content.get("title")) or text(content.get("domain"))
    source = link(url, name) if text(url) or name else ""
    turn.words.append(paragraphs([source, quoted(marked(conversation, content.get("text")))]))


def _browsing(conversation: Conversation, content: Fields, turn: Turn) -> None:
    words = [marked(conversation, content.get(name)) for name in ("summary", "result")]
    turn.words.append(paragraphs(dict.fromkeys(words)))
    if assets := items(content.get("assets")):
        conversation.leave_out("tether_browsing_display.assets", len(assets))


def _error(conversation: Conversation, content: Fields, turn: Turn) -> None:
    words = text(content.get("text")) or text(content.get("name")) or "?"
    turn.words.append(f"[Error: {words.strip()}]")


def _computer(conversation: Conversation, content: Fields, turn: Turn) -> None:
    """Read what a computer that the model used has shown."""
    if screenshot := mapping(content.get("screenshot")):
        _part(conversation, screenshot, turn, is_told=False)
    turn.words.append(text(content.get("text")))
    state = mapping(content.get("state"))
    if address := text(state.get("url")):
        turn.words.append(link(address, state.get("title")))


def _text(conversation: Conversation, content: Fields, turn: Turn) -> None:
    if "parts" in content:
        _parts(conversation, content, turn)
    else:
        turn.words.append(_plain(conversation, content))


def structured(words: str) -> Any:
    """Return what JSON says that a model has written for a tool, None if it is none."""
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return None


_TYPES: dict[str, Reader] = {
    "text": _text,
    "multimodal_text": _text,
    "code": _code,
    "execution_output": _code,
    "stderr": _code,
    "thoughts": _thoughts,
    "reasoning_recap": _recap,
    "tether_quote": _quote,
    "tether_browsing_display": _browsing,
    "tether_browsing_code": _code,
    "system_error": _error,
    "computer_output": _computer,
}
