"""How a line of the log is written: for people, or as JSON."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from apps.server import log_context

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNPRINTABLE_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class AddContext(logging.Filter):
    """Notes in each record what it belongs to, before it may reach another thread."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "context"):
            record.context = log_context.current()
        return True


class LineFormatter(logging.Formatter):
    """One event, one line, with what it belongs to at its end; below it, indented, its traceback.

    So nothing that others wrote can pass for another event, or colour a terminal; and no secret
    of the settings is in it, whatever an exception says.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        if repeated := getattr(record, "repeated", 0):
            line += f" (for the {repeated:,}th time within a minute)"
        fields = getattr(record, "context", {})
        line += "".join(
            f" {name}={value}" for name, value in fields.items() if f" {name}=" not in line
        )
        return _UNPRINTABLE.sub(_escape, line)

    def formatException(self, ei: Any) -> str:
        text = _UNPRINTABLE_LINES.sub(_escape, super().formatException(ei))
        return "\n".join(f"  {line}" for line in text.split("\n"))

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # What another handler has kept may be formatted differently.
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One event, one line of JSON (LOG_FORMAT=json), its traceback in it; no secret, as above."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        event: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **getattr(record, "context", {}),
        }
        if repeated := getattr(record, "repeated", 0):
            event["repeated"] = repeated
        if record.exc_info:
            event["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(event, default=str)  # ASCII alone, so a line stays one everywhere.


def masked(text: str) -> str:
    """Return the text without the secrets of the settings."""
    keys = settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS
    for secret in settings.OPENAI_API_KEY, settings.METRICS_TOKEN, *keys:
        if len(secret) > 7:  # A dummy like "x" would be found in every word.
            text = text.replace(secret, "…")
    return text


def _escape(match: re.Match[str]) -> str:
    return repr(match[0])[1:-1]
