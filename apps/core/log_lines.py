"""How a line of the log is written."""

import logging
import re
from typing import Any

from django.conf import settings

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNPRINTABLE_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class LineFormatter(logging.Formatter):
    """One event, one line; below it, indented, its traceback.

    So nothing that others wrote can pass for another event, or colour a terminal; and no secret
    of the settings is in it, whatever an exception says.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _UNPRINTABLE.sub(_escape, super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        text = _UNPRINTABLE_LINES.sub(_escape, super().formatException(ei))
        return "\n".join(f"  {line}" for line in text.split("\n"))

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # What another handler has kept may be formatted differently.
        text = super().format(record)
        keys = settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS
        for secret in settings.OPENAI_API_KEY, *keys:
            if len(secret) > 7:  # A dummy like "x" would be found in every word.
                text = text.replace(secret, "…")
        return text


def _escape(match: re.Match[str]) -> str:
    return repr(match[0])[1:-1]
