"""The body of an error answer, in whichever form a service writes it."""

import json
import re
from typing import Any

_MOST_CHARS = 2000
_MOST_ROWS = 20
_DEPTH = 6

# What services call these things. Other fields hold requests, filters' results or addresses.
_NAMES = {"code", "type", "__type", "status", "reason", "error_type", "error_code", "quotaId"}
_WORDS = {
    "message", "Message", "msg", "detail", "title", "description", "error", "error_message",
    "error_description", "reasons", "raw",
}  # fmt: skip
_INNER = _WORDS | {"errors", "details", "innererror", "inner_error", "metadata", "violations"}
_PAGE = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)  # "<400> …" is none, but DashScope's words.
_decode = json.JSONDecoder().raw_decode
_SIZES = {"n_ctx", "max_model_len", "max_context_length", "context_length", "context_window"}


class Body:
    """The error in an upstream's answer: an object, a string, a list, null or HTML."""

    def __init__(self, answer: object) -> None:
        error = _innermost(answer)
        fields = error if isinstance(error, dict) else {}
        self.code = _word(fields.get("code"))
        self.type = _word(fields.get("type"))
        self.param = _word(fields.get("param"))
        self.message = _text(_message(fields) if fields else error)
        self._names: list[str] = []
        self._words: list[str] = [self.message]
        self.size: int | None = None  # Of the context, where a field tells it.
        self._read(answer, _DEPTH)

    @property
    def names(self) -> str:
        """Return all codes and types in it, in lower case."""
        return " ".join(self._names).lower()

    @property
    def words(self) -> str:
        """Return all that it says in words; nothing of a page of HTML, which is about itself."""
        text = "\n".join(dict.fromkeys(self._words)).replace("’", "'")
        return "" if _PAGE.match(text) else text[: 4 * _MOST_CHARS]

    def _read(self, value: object, depth: int) -> None:
        if isinstance(value, str):
            self._words.append(value[:_MOST_CHARS])
            value = _parsed(value)
        if not depth:
            return
        if isinstance(value, list):
            for row in value[:_MOST_ROWS]:
                self._read(row, depth - 1)
        elif isinstance(value, dict):
            self._read_fields(value, depth - 1)

    def _read_fields(self, fields: dict[str, Any], depth: int) -> None:
        for name, value in fields.items():
            if name in _NAMES and (word := _word(value)):
                self._names.append(word)
            elif name in _SIZES and type(value) is int:
                self.size = value
            elif name == "retryDelay" and isinstance(value, str):  # Google's.
                self._words.append(f"retry in {value[:20]}")
            elif name in _INNER:
                self._read(value, depth)


def _innermost(answer: object) -> object:
    """Return the error object itself, out of what some services put around it."""
    for _ in range(2):
        if isinstance(answer, list) and answer and isinstance(answer[0], dict):
            answer = answer[0]
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            answer = answer["error"]
    return answer


def _message(fields: dict[str, Any]) -> object:
    return next(filter(None, map(fields.get, ("message", "detail", "error", "errors"))), None)


def _parsed(text: str) -> object:
    """Return the JSON in a text: some pass on what another has told them, with words before it."""
    start = 0 if text.lstrip().startswith("[") else text.find("{")
    if start < 0:
        return None
    try:
        parsed: object = _decode(text[start:].lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return parsed


def _word(value: object) -> str:
    return str(value)[:100] if isinstance(value, str | int) else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)[:_MOST_CHARS]
