"""Log redaction: error messages without keys, prompts and pictures."""

import re
from typing import Any

from django.conf import settings

from apps.gateway.errors.translation import UpstreamError
from apps.gateway.reply.content import text_of

_KEYS = re.compile(r"(sk-|Bearer\s+)[^\s\"',;}…]+", re.IGNORECASE)
_ENCODED = re.compile(r"[\w+/=-]{80,}")  # A picture that came back, perhaps.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def redact(text: object) -> str:
    """Return the text for a log line: one line, at most 300 characters, without keys."""
    line = str(text)
    if key := settings.OPENAI_API_KEY:
        line = line.replace(key, f"sk-…{key[-4:]}" if len(key) > 12 else "…")
    line = _KEYS.sub(_mask, _ENCODED.sub("…", line))
    return _UNPRINTABLE.sub(lambda match: repr(match[0])[1:-1], line)[:300]


def _mask(match: re.Match[str]) -> str:
    last = match[0][-4:] if len(match[0]) > 16 else ""
    return f"{match[1].strip()}…{last}"


def describe(failure: UpstreamError, sent: list[dict[str, Any]]) -> str:
    """Return the error's fields for a log line, without the prompt, which some servers echo."""
    fields: dict[str, Any] = {
        "status": failure.status,
        "upstream_code": failure.body.code or failure.body.type,
        "param": failure.body.param,
        "request_id": failure.request_id,
        "reason": failure.reason,
        "message": "" if _echoes(failure.body.message, sent) else failure.body.message,
    }
    return " ".join(f"{name}={redact(value)!r}" for name, value in fields.items() if value)


def _echoes(message: str, sent: list[dict[str, Any]]) -> bool:
    """Return whether the message repeats a part of what was sent."""
    message = message[:300]
    texts = [text_of(part["content"]) for part in sent]
    text = "\n".join(texts)
    if any(each.strip() in message for each in texts if each.strip()):
        return True
    return any(message[start : start + 16] in text for start in range(len(message) - 15))
