"""Choices: read text, reasoning, pictures and sources out of a `delta` or a `message`.

The content of either is a text or a list of parts, and parts may hold parts. The names of unknown
parts are logged, once.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

from apps.core.text import clean_name
from apps.gateway.reply.pictures import picture_in
from apps.gateway.reply.sources import sources_in
from apps.gateway.types import ReplyPicture, Source

logger = logging.getLogger(__name__)

_MAX_DEPTH = 8
_MAX_LOGGED = 100  # Unknown names, in the life of a process.

TEXT_TYPES = {"text", "output_text", "input_text", "message", "summary", "content", "markdown"}
TEXT_TYPES |= {"answer", "audio", "output_audio", "text_delta"}
REASONING_TYPES = {"thinking", "thought", "thoughts", "reasoning", "reasoning_text"}
REASONING_TYPES |= {
    "reasoning_content",
    "reasoning.text",
    "reasoning.summary",
    "summary_text",
    "analysis",
}
PICTURE_TYPES = {"image_url", "image", "output_image", "input_image", "image_file", "inline_data"}
PICTURE_TYPES |= {"image_generation_call", "inlineData"}
TOOL_TYPES = {"tool_use", "tool_call", "tool_calls", "function_call", "functionCall"}
TOOL_TYPES |= {"custom_tool_call"}
SOURCE_TYPES = {"url_citation", "citation", "web_search_result", "source", "tool_reference"}
SOURCE_TYPES |= {"web_search_tool_result", "web_fetch_tool_result"}
IGNORED_TYPES = {"redacted_thinking", "reasoning.encrypted", "encrypted", "signature"}
IGNORED_TYPES |= {"reference", "file_citation", "file_path", "container_file_citation"}
IGNORED_TYPES |= {"web_search_call", "step_start"}
# Input and output of the service's own tools: meant for the model, whose text speaks of it.
IGNORED_TYPES |= {"tool_result", "server_tool_use", "mcp_tool_use", "mcp_tool_result", "mcp_call"}
IGNORED_TYPES |= {"executable_code", "code_execution_result", "code_execution_tool_result"}
IGNORED_TYPES |= {"bash_code_execution_tool_result", "code_interpreter_call"}
IGNORED_TYPES |= {"function_call_output", "file_search_call"}

_REASONING_FIELDS = (
    "reasoning_content",
    "reasoning",
    "reasoning_text",
    "thinking",
    "thought",
    "thoughts",
    "reasoning_details",
    "thinking_blocks",
)
_TOOL_FIELDS = ("tool_calls", "function_call")
_TEXT_FIELDS = (
    "content",
    "text",
    "output_text",
    "parts",
    "multi_mod_content",
)  # The first that is set has all of it.
_PICTURE_FIELDS = ("images", "image", "image_url")
_STRING_FIELDS = (
    "text",
    "output_text",
    "thinking",
    "reasoning",
    "thought",
    "summary",
    "content",
    "value",
    "transcript",
    "audio",
)

_unknown: set[str] = set()


@dataclass(slots=True)
class ParsedMessage:
    """The contents of a delta or a message."""

    text: str = ""
    reasoning: str = ""
    refused: bool = False  # The text is a refusal.
    calls_tool: bool = False
    items: list[Source | ReplyPicture] = field(default_factory=list)


def first_choice(choices: object, is_whole: bool = False) -> dict[str, Any] | None:
    """Return the choice with index 0, or without an index."""
    if type(choices) is not list:
        return None
    rows = [each for each in choices if type(each) is dict]
    for choice in rows:
        if not _index(choice):
            return choice
    return min(rows, key=_index) if is_whole and rows else None


def _index(choice: dict[str, Any]) -> int:
    index = choice.get("index")
    if isinstance(index, str) and index.isdecimal() and len(index) < 9:
        return int(index)
    return index if isinstance(index, int) else 0


def parse_message(message: object) -> ParsedMessage:
    """Return the contents of a delta or a message of any shape."""
    parsed = ParsedMessage()
    if isinstance(message, str):
        parsed.text = message
    elif isinstance(message, dict):
        _read_fields(message, parsed)
    return parsed


def _read_fields(message: dict[str, Any], parsed: ParsedMessage) -> None:
    texts: list[str] = []
    reasoning: list[str] = []
    content = next(filter(None, map(message.get, _TEXT_FIELDS)), None)
    _read_part(content, texts, reasoning, parsed, 0)
    if message.get("thought") is True:
        reasoning, texts = [*reasoning, *texts], []
    if refusal := text_in(message.get("refusal")):
        texts.append(refusal)
        parsed.refused = True
    if not any(texts) and isinstance(audio := message.get("audio"), dict):
        texts.append(text_in(audio.get("transcript")))
    # Services repeat the same reasoning in several fields, for different clients.
    fields = (text_in(message.get(name)) for name in _REASONING_FIELDS)
    parsed.reasoning = next(filter(None, fields), "") or "".join(reasoning)
    parsed.text = "".join(texts)
    parsed.calls_tool = parsed.calls_tool or any(message.get(name) for name in _TOOL_FIELDS)
    for name in _PICTURE_FIELDS:
        for picture in _list(message.get(name)):
            _add_picture(picture, parsed)
    parsed.items.extend(sources_in(message))


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if value else []


def _read_part(
    part: object, texts: list[str], reasoning: list[str], parsed: ParsedMessage, depth: int
) -> None:
    if isinstance(part, str):
        texts.append(part)
    elif depth > _MAX_DEPTH or not part:
        return
    elif isinstance(part, list):
        for each in part:
            _read_part(each, texts, reasoning, parsed, depth + 1)
    elif isinstance(part, dict):
        _read_kind(part, texts, reasoning, parsed, depth)


def _read_kind(
    part: dict[str, Any], texts: list[str], reasoning: list[str], parsed: ParsedMessage, depth: int
) -> None:
    kind = part.get("type")
    kind = kind if isinstance(kind, str) else _kind_without_type(part)
    if kind in REASONING_TYPES or part.get("thought") is True:
        reasoning.append(text_in(part))
    elif kind == "refusal":
        texts.append(text_in(part.get("refusal")) or text_in(part))
        parsed.refused = True
    elif kind in PICTURE_TYPES or (kind == "file" and picture_in(part)):
        _add_picture(part, parsed)
    elif kind in SOURCE_TYPES:
        parsed.items.extend(sources_in({"sources": [part]}))
    elif kind in TOOL_TYPES:
        parsed.calls_tool = True
    elif kind not in IGNORED_TYPES:
        if kind not in TEXT_TYPES:
            _log_unknown(kind)
        parsed.items.extend(sources_in(part))
        inner = next((part[name] for name in _STRING_FIELDS if part.get(name)), None)
        if not isinstance(inner, str) and isinstance(inner, list) is False:
            inner = text_in(inner)
        _read_part(inner, texts, reasoning, parsed, depth + 1)


def _kind_without_type(part: dict[str, Any]) -> str:
    names = [name for name in part if name in PICTURE_TYPES | TOOL_TYPES | REASONING_TYPES]
    if isinstance(part.get("text"), str) or not names:
        return "text"
    return "text" if names == ["thought"] else names[0]


def text_in(value: object, depth: int = 0) -> str:
    """Return the text of a string, a part, or a list of these."""
    if isinstance(value, str):
        return value
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, list):
        return "".join(text_in(each, depth + 1) for each in value)
    if isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and kind in IGNORED_TYPES:
            return ""
        return next(
            filter(None, (text_in(value.get(name), depth + 1) for name in _STRING_FIELDS)), ""
        )
    return ""


def _add_picture(part: object, parsed: ParsedMessage) -> None:
    if picture := picture_in(part):
        parsed.items.append(picture)


def _log_unknown(kind: str) -> None:
    name = clean_name(kind, 50)
    if name not in _unknown and len(_unknown) < _MAX_LOGGED:
        _unknown.add(name)
        logger.warning("an answer has parts of an unknown kind: %s", name)
