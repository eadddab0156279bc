"""Error body: code, type, parameter and messages, in whichever shape a service writes them."""

import json
import re
from typing import Any

_MAX_CHARS = 2000
_MAX_ROWS = 20
_MAX_DEPTH = 6

# The fields' names at all services. Other fields hold requests, results of filters or URLs.
_CODE_FIELDS = {"code", "type", "__type", "status", "reason", "error_type", "error_code", "quotaId"}
_TEXT_FIELDS = {
    "message", "Message", "msg", "detail", "title", "description", "error", "error_message",
    "error_description", "reasons", "raw",
}  # fmt: skip
_NESTED_FIELDS = {"errors", "details", "innererror", "inner_error", "metadata", "violations"}
_NESTED_FIELDS |= _TEXT_FIELDS
_HTML_PAGE = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)  # "<400> …" is none, but DashScope's words.
_decode = json.JSONDecoder().raw_decode
_SIZE_FIELDS = {"n_ctx", "max_model_len", "max_context_length", "context_length", "context_window"}


class ErrorBody:
    """The error in an upstream's answer: an object, a string, a list, null or HTML."""

    def __init__(self, answer: object) -> None:
        error = _innermost(answer)
        fields = error if isinstance(error, dict) else {}
        self.code = _short(fields.get("code"))
        self.type = _short(fields.get("type"))
        self.param = _short(fields.get("param"))
        self.message = _text(_message(fields) if fields else error)
        self._codes: list[str] = []
        self._texts: list[str] = [self.message]
        self.context_tokens: int | None = None  # The context window, where a field states it.
        self._read(answer, _MAX_DEPTH)

    @property
    def codes(self) -> str:
        """Return all codes and types in it, in lower case."""
        return " ".join(self._codes).lower()

    @property
    def text(self) -> str:
        """Return all its messages, one a line; "" for a page of HTML."""
        text = "\n".join(dict.fromkeys(self._texts)).replace("’", "'")
        return "" if _HTML_PAGE.match(text) else text[: 4 * _MAX_CHARS]

    def _read(self, value: object, depth: int) -> None:
        if isinstance(value, str):
            self._texts.append(value[:_MAX_CHARS])
            value = _json_in(value)
        if not depth:
            return
        if isinstance(value, list):
            for row in value[:_MAX_ROWS]:
                self._read(row, depth - 1)
        elif isinstance(value, dict):
            self._read_fields(value, depth - 1)

    def _read_fields(self, fields: dict[str, Any], depth: int) -> None:
        for name, value in fields.items():
            if name in _CODE_FIELDS and (word := _short(value)):
                self._codes.append(word)
            elif name in _SIZE_FIELDS and type(value) is int:
                self.context_tokens = value
            elif name == "retryDelay" and isinstance(value, str):  # Google's.
                self._texts.append(f"retry in {value[:20]}")
            elif name in _NESTED_FIELDS:
                self._read(value, depth)


def _innermost(answer: object) -> object:
    """Return the error object itself, out of the envelopes that some services put around it."""
    for _ in range(2):
        if isinstance(answer, list) and answer and isinstance(answer[0], dict):
            answer = answer[0]
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            answer = answer["error"]
    return answer


def _message(fields: dict[str, Any]) -> object:
    return next(filter(None, map(fields.get, ("message", "detail", "error", "errors"))), None)


def _json_in(text: str) -> object:
    """Return the JSON in a text: proxies pass on another service's error behind a few words."""
    start = 0 if text.lstrip().startswith("[") else text.find("{")
    if start < 0:
        return None
    try:
        parsed: object = _decode(text[start:].lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return parsed


def _short(value: object) -> str:
    return str(value)[:100] if isinstance(value, str | int) else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)[:_MAX_CHARS]
