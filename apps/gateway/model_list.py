"""Model list: names, dates and abilities of models, from the shapes in which services list them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.core.text import clean_text
from apps.gateway.errors.inband import error_in
from apps.gateway.errors.translation import UpstreamError, classify

NAME_CHARS = 200

_LISTS = ("data", "models", "result", "items")
_NAMES = ("id", "name", "model", "key", "slug", "model_name")
_EARLIEST, _LATEST = (
    946_684_800.0,
    4_102_444_800.0,
)  # The years 2000 and 2100; anything else is not a date.
# Names of fields, without case and punctuation: OpenAI says shutdown_date, others otherwise.
_ENDS = [
    re.compile(pattern)
    for pattern in (
        r"^shut_?down",
        r"^(retire|retirement|sunset|decommission|discontinu|removal|endoflife|eol)",
        r"^expir",
        r"^deprecat",
    )
]
_END_PARTS = re.compile(
    r"date|inference|at$"
)  # Keys of an object of dates, one for each way to use the model.
_CREATED = ("created", "created_at", "createdAt", "release_date", "released_at")
_OUTPUTS = ("output_modalities", "supported_output_modalities", "outputModalities", "output")
_ACTIVE = ("active", "is_active", "available", "available_on_current_plan")
_GONE = {"retired", "shutdown", "decommissioned", "disabled", "inactive", "deleted", "removed"}

# The meanings of values of fields such as "type", "mode", "endpoints".
_CHAT_WORD = re.compile(
    r"^(llm|vlm|chat|openai|anthropic|gemini|conversational)$|chat[-_/ ]?completions?"
    r"|^completion_chat$|(?<!bidi)generatecontent|^text[-_ ]generation$|image-text-to-text"
)
_PICTURE_WORD = re.compile(r"^images?$|image[-_ ]?generat|text[-_]to[-_]image|images/generations")
_OTHER_WORD = re.compile(
    r"embed|rerank|moderat|classif|guard|audio|speech|tts|transcri|video|realtime|ocr|predict"
    r"|^(language|completion|responses|code|fim|translation)$|/(completions|responses)$|^not "
)
_WORD_FIELDS = (
    "type",
    "model_type",
    "mode",
    "task",
    "pipeline_tag",
    "endpoints",
    "supported_endpoints",
    "supported_endpoint_types",
    "supportedGenerationMethods",
    "supported_generation_methods",
    "capabilities",
)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as the service lists it; None where the service does not say."""

    name: str
    created: float | None = None  # Unix seconds.
    ends_at: float | None = None  # When it is switched off, in unix seconds.
    can_chat: bool | None = None
    makes_pictures: bool | None = None


def read_models(body: bytes) -> list[ListedModel]:
    """Return the models in a list's body, in its order, each name once; raise UpstreamError."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UpstreamError("unreadable", reason="no JSON") from error
    rows = _rows(data)
    if rows is None:
        if (told := error_in(data, is_body=True)) is not None:
            raise classify(None, told, {})
        raise UpstreamError("unreadable", reason="no list of models")
    if all(
        row.get("type") != "chat" for row in rows
    ):  # Vercel says "language" for what chats; Together for what does not.
        rows = [{**row, "type": "llm"} if row.get("type") == "language" else row for row in rows]
    models = [_read(row) for row in rows if _is_active(row)]
    return list({model.name: model for model in models if model.name}.values())


def _rows(data: object, depth: int = 2) -> list[dict[str, Any]] | None:
    """Return the list's rows; it may be a list of objects or names, or an object keyed by name."""
    if isinstance(data, list):
        named = [{"id": row} if isinstance(row, str) else row for row in data]
        return [row for row in named if isinstance(row, dict)]
    if not isinstance(data, dict):
        return None
    for name in _LISTS if depth else ():
        if (rows := _rows(data.get(name), depth - 1)) is not None:
            return rows
    if depth < 2 and data and all(isinstance(row, dict) for row in data.values()):
        return [{"id": name, **row} for name, row in data.items()]
    return None


def read_date(value: object) -> float | None:
    """Return a timestamp in Unix seconds, from seconds, milliseconds, or ISO 8601."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        moment = float(value)
    except (ValueError, OverflowError):
        moment = _from_iso(str(value).strip())
    if moment > 1000 * _LATEST:
        return None
    if moment > _LATEST:
        moment /= 1000
    return moment if _EARLIEST <= moment <= _LATEST else None


def _from_iso(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _read(row: dict[str, Any]) -> ListedModel:
    names = (row.get(field) for field in _NAMES)
    name = next((name for name in names if isinstance(name, str)), "")
    outputs, words = _outputs(row), list(_words(row))
    pictures = "image" in outputs or any(map(_PICTURE_WORD.search, words))
    return ListedModel(
        clean_text(name) if len(name) <= NAME_CHARS else "",
        created=next(filter(None, (read_date(row.get(field)) for field in _CREATED)), None),
        ends_at=_ends_at(row),
        can_chat=_can_chat(outputs, words),
        makes_pictures=pictures or None,
    )


def _can_chat(outputs: list[str], words: list[str]) -> bool | None:
    if outputs and "text" not in outputs:
        return False
    if any(map(_CHAT_WORD.search, words)):
        return True
    if any(_PICTURE_WORD.search(word) or _OTHER_WORD.search(word) for word in words):
        return False
    return bool(outputs) or None


def _is_active(row: dict[str, Any]) -> bool:
    states = (row.get(field) for field in ("status", "lifecycle_status", "lifecycle"))
    return (
        not any(row.get(field) is False for field in _ACTIVE)
        and row.get("archived") is not True
        and not any(isinstance(state, str) and state.lower() in _GONE for state in states)
    )


def _ends_at(row: dict[str, Any]) -> float | None:
    fields = {re.sub(r"[^a-z]", "", str(key).lower()): value for key, value in row.items()}
    for pattern in _ENDS:
        for key, value in fields.items():
            if pattern.search(key) and (moment := _moment_in(value)):
                return moment
    return None


def _moment_in(value: object) -> float | None:
    if not isinstance(value, dict):
        return read_date(value)
    parts = [part for key, part in value.items() if _END_PARTS.search(str(key).lower())]
    return next(filter(None, map(read_date, parts)), None)


def _outputs(row: dict[str, Any]) -> list[str]:
    """Return the output modalities, such as "text" and "image"; empty if not given."""
    for part in (row, row.get("architecture"), row.get("modalities")):
        fields = part if isinstance(part, dict) else {}
        for name in _OUTPUTS:
            if isinstance(kinds := fields.get(name), list):
                return [kind.lower() for kind in kinds if isinstance(kind, str)]
        if isinstance(modality := fields.get("modality"), str) and "->" in modality:
            return modality.lower().split("->")[1].split("+")
    return []


def _words(row: dict[str, Any]) -> Iterator[str]:
    """Yield, in lower case, the values of the fields that name a model's kind."""
    for field in _WORD_FIELDS:
        value = row.get(field)
        values = value if isinstance(value, list) else [value]
        if isinstance(value, dict):  # {"completion_chat": true}, {"type": "chat"}
            values = [value.get("type"), value.get("name")]
            values += [key for key, is_so in value.items() if is_so is True]
            values += ["not chat" for key, is_so in value.items() if "chat" in key and not is_so]
        words = [word.lower() for word in values if isinstance(word, str)]
        if field == "capabilities":  # Ollama's name for chat.
            words = ["chat" if word == "completion" else word for word in words]
        yield from words
