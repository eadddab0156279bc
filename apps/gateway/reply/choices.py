"""What a choice says: the one reading of its text, thoughts, pictures and sources.

A choice has a `delta`, a `message`, or both; what they say may be a text or a list of parts, and
parts may hold parts. Whatever is not known is logged by its name, once.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

from apps.core.text import clean_name
from apps.gateway.reply.pictures import picture_in
from apps.gateway.reply.sources import sources_in
from apps.gateway.types import ReplyPicture, Source

logger = logging.getLogger(__name__)

_MOST_DEPTH = 8
_MOST_UNKNOWN = 100  # Names that are logged in all.

TEXTS = {"text", "output_text", "input_text", "message", "summary", "content", "markdown", "answer"}
TEXTS |= {"audio", "output_audio", "text_delta"}
THOUGHTS = {"thinking", "thought", "thoughts", "reasoning", "reasoning_text", "reasoning_content"}
THOUGHTS |= {"reasoning.text", "reasoning.summary", "summary_text", "analysis"}
PICTURES = {"image_url", "image", "output_image", "input_image", "image_file", "inline_data"}
PICTURES |= {"image_generation_call", "inlineData"}
TOOLS = {"tool_use", "tool_call", "tool_calls", "function_call", "functionCall", "custom_tool_call"}
SOURCES = {"url_citation", "citation", "web_search_result", "source", "tool_reference"}
SOURCES |= {"web_search_tool_result", "web_fetch_tool_result"}
SILENT = {"redacted_thinking", "reasoning.encrypted", "encrypted", "reference", "file_citation"}
SILENT |= {"file_path", "container_file_citation", "web_search_call", "step_start", "signature"}
# What the service's own tools were given and have said: it is for the model, which speaks of it.
SILENT |= {"tool_result", "server_tool_use", "mcp_tool_use", "mcp_tool_result", "mcp_call"}
SILENT |= {"executable_code", "code_execution_result", "function_call_output", "file_search_call"}
SILENT |= {"code_execution_tool_result", "bash_code_execution_tool_result", "code_interpreter_call"}

_THOUGHT_FIELDS = (
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
_TEXT_FIELDS = ("content", "text", "output_text", "parts", "multi_mod_content")  # One has it all.
_PICTURE_FIELDS = ("images", "image", "image_url")
_WORDS = (
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
class Said:
    """What a delta or a message says."""

    text: str = ""
    reasoning: str = ""
    refused: bool = False  # The text is a refusal.
    calls_tool: bool = False
    items: list[Source | ReplyPicture] = field(default_factory=list)


def first_choice(choices: object, is_whole: bool = False) -> dict[str, Any] | None:
    """Return the choice that was asked for: that of index 0, or without one."""
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


def read(message: object) -> Said:
    """Read a delta or a message."""
    said = Said()
    if isinstance(message, str):
        said.text = message
    elif isinstance(message, dict):
        _read_fields(message, said)
    return said


def _read_fields(message: dict[str, Any], said: Said) -> None:
    texts: list[str] = []
    thoughts: list[str] = []
    content = next(filter(None, map(message.get, _TEXT_FIELDS)), None)
    _read_part(content, texts, thoughts, said, 0)
    if message.get("thought") is True:
        thoughts, texts = [*thoughts, *texts], []
    if refusal := words_of(message.get("refusal")):
        texts.append(refusal)
        said.refused = True
    if not any(texts) and isinstance(audio := message.get("audio"), dict):
        texts.append(words_of(audio.get("transcript")))  # What was spoken.
    # Services say the same thoughts in several places, for different clients.
    fields = (words_of(message.get(name)) for name in _THOUGHT_FIELDS)
    said.reasoning = next(filter(None, fields), "") or "".join(thoughts)
    said.text = "".join(texts)
    said.calls_tool = said.calls_tool or any(message.get(name) for name in _TOOL_FIELDS)
    for name in _PICTURE_FIELDS:
        for picture in _list(message.get(name)):
            _add_picture(picture, said)
    said.items.extend(sources_in(message))


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if value else []


def _read_part(part: object, texts: list[str], thoughts: list[str], said: Said, depth: int) -> None:
    if isinstance(part, str):
        texts.append(part)
    elif depth > _MOST_DEPTH or not part:
        return
    elif isinstance(part, list):
        for each in part:
            _read_part(each, texts, thoughts, said, depth + 1)
    elif isinstance(part, dict):
        _read_kind(part, texts, thoughts, said, depth)


def _read_kind(
    part: dict[str, Any], texts: list[str], thoughts: list[str], said: Said, depth: int
) -> None:
    kind = part.get("type")
    kind = kind if isinstance(kind, str) else _kind_without_type(part)
    if kind in THOUGHTS or part.get("thought") is True:
        thoughts.append(words_of(part))
    elif kind == "refusal":
        texts.append(words_of(part.get("refusal")) or words_of(part))
        said.refused = True
    elif kind in PICTURES or (kind == "file" and picture_in(part)):
        _add_picture(part, said)
    elif kind in SOURCES:
        said.items.extend(sources_in({"sources": [part]}))
    elif kind in TOOLS:
        said.calls_tool = True
    elif kind not in SILENT:
        if kind not in TEXTS:
            _note(kind)
        said.items.extend(sources_in(part))
        inner = next((part[name] for name in _WORDS if part.get(name)), None)
        if not isinstance(inner, str) and isinstance(inner, list) is False:
            inner = words_of(inner)
        _read_part(inner, texts, thoughts, said, depth + 1)


def _kind_without_type(part: dict[str, Any]) -> str:
    names = [name for name in part if name in PICTURES | TOOLS | THOUGHTS]
    if isinstance(part.get("text"), str) or not names:
        return "text"
    return "text" if names == ["thought"] else names[0]


def words_of(value: object, depth: int = 0) -> str:
    """Return the words of a text, of a part, or of a list of these."""
    if isinstance(value, str):
        return value
    if depth > _MOST_DEPTH:
        return ""
    if isinstance(value, list):
        return "".join(words_of(each, depth + 1) for each in value)
    if isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and kind in SILENT:
            return ""
        return next(filter(None, (words_of(value.get(name), depth + 1) for name in _WORDS)), "")
    return ""


def _add_picture(part: object, said: Said) -> None:
    if picture := picture_in(part):
        said.items.append(picture)


def _note(kind: str) -> None:
    name = clean_name(kind, 50)
    if name not in _unknown and len(_unknown) < _MOST_UNKNOWN:
        _unknown.add(name)
        logger.warning("an answer has parts of an unknown kind: %s", name)
