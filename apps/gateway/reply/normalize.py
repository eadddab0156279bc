"""Normalization: chunks and bodies of any service in the shape of OpenAI's protocol."""

import re
from typing import Any, TypeGuard

from apps.gateway.errors.translation import UpstreamError
from apps.gateway.json import parsed
from apps.gateway.reply.finish_reasons import ERROR, FILTER, LENGTH, STOP, meaning_of
from apps.gateway.types import Usage

DONE = "[DONE]"
_ENVELOPES = ("data", "result", "output", "response", "body")
_REASONS = ("finish_reason", "finishReason", "stop_reason", "done_reason")
_KEEPALIVE = re.compile(r"[\w .:-]{0,40}")


def is_keepalive(data: str) -> bool:
    """Return whether an event is a keep-alive: empty, or a word such as "ping"."""
    return _KEEPALIVE.fullmatch(data) is not None


def objects_in(data: str) -> list[object]:
    """Return the JSON values in an event, one a line if need be; "[DONE]" is one.

    Raise UpstreamError.
    """
    try:
        value = parsed(data)
    except UpstreamError:
        lines = [line.strip() for line in data.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [line if line == DONE else parsed(line) for line in lines]
    is_list = isinstance(value, list) and all(isinstance(each, dict) for each in value)
    return value if is_list and value else [value]  # type: ignore[return-value]


def unwrap(chunk: dict[str, Any]) -> dict[str, Any]:
    """Return the chunk without its envelope, its choices as a list."""
    if not chunk.get("choices"):
        inner = (chunk.get(name) for name in _ENVELOPES)
        found = (each for each in inner if isinstance(each, dict) and each.get("choices"))
        chunk = {**chunk, **next(found, {})}
    choices = chunk.get("choices")
    if isinstance(choices, dict):
        return {**chunk, "choices": [choices]}
    if not choices and isinstance(chunk.get("message"), dict):  # Ollama's own.
        return {**chunk, "choices": [chunk]}
    return chunk


def _reason(choice: dict[str, Any]) -> object:
    delta = choice.get("delta")
    holders = [choice, delta] if isinstance(delta, dict) else [choice]
    reasons = (holder.get(name) for holder in holders for name in _REASONS)
    return next((each for each in reasons if each), None)


def finish_reason_of(choice: dict[str, Any]) -> tuple[str, str]:
    """Return the finish reason and its original name.

    A native_finish_reason, of the service behind a proxy, may know that a reply is incomplete.
    """
    name = _name(_reason(choice))
    end = meaning_of(name)
    if end == STOP:
        native = meaning_of(_name(choice.get("native_finish_reason")))
        end = native if native in (LENGTH, FILTER) else end
    return end, name


def error_of(choice: dict[str, Any]) -> dict[str, Any] | None:
    """Return the error in a choice, or in its finish reason; None without one."""
    reason = _reason(choice)
    if isinstance(reason, dict) and meaning_of(_name(reason)) == ERROR:
        return {"error": reason}
    return {"error": error} if (error := choice.get("error")) else None


def usage_in(chunk: dict[str, Any], choice: dict[str, Any] | None) -> Usage | None:
    """Return the token counts, wherever they stand; None without them."""
    for holder in (chunk, choice, chunk.get("x_groq")):
        usage = holder.get("usage") if isinstance(holder, dict) else None
        if isinstance(usage, dict):
            prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
            if _is_count(prompt) and _is_count(completion):
                return Usage(prompt, completion)
    return None


def _name(reason: object) -> str:
    if isinstance(reason, dict):
        reason = reason.get("type") or reason.get("name")
    if reason is True:
        return STOP
    return str(reason) if isinstance(reason, str | int) and reason is not False else ""


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 2**31
