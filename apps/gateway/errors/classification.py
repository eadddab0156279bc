"""Error classification: from HTTP status, error codes and, above all, messages to our error code.

Whatever the status, an error that another model would solve is `model`, and content that was
refused is `policy`.
"""

import re

from apps.gateway.errors.body import ErrorBody
from apps.gateway.errors.patterns import ERROR_PATTERNS

_ALL_CODES = {kind.code for kind in ERROR_PATTERNS}

# The codes that a body may override a status with, where it is not all of them.
_OVERRIDES: dict[int, set[str]] = {
    401: {"policy", "quota", "model"},
    402: {"policy"},
    404: {"policy", "pictures", "model"},
    405: set(),
    408: set(),
    409: set(),
    413: {"pictures"},
    429: {"context", "policy", "rate", "quota"},
}
_SERVER_OVERRIDES = {"context", "policy", "pictures", "model"}
_CODE_BY_STATUS = {
    400: "rejected",
    401: "credentials",
    402: "quota",
    403: "credentials",
    404: "rejected",  # Without a word about models: the base URL is wrong.
    408: "timeout",
    409: "unavailable",
    410: "model",
    413: "context",
    424: "unavailable",
    425: "unavailable",
    429: "rate",
    451: "policy",
    498: "unavailable",
    499: "unavailable",
}
_TEMPORARY = re.compile(
    r"(?<!error )(?<!failed )loading|overload|capacity|temporar|try again|\bbusy|currently", re.I
)
# Names of a client error (4xx), where the error has no number.
_REJECTED = re.compile(r"invalid_?(request|argument|param)|bad_?request|unprocessable")


def error_code(status: int | None, body: ErrorBody) -> str:
    """Return our code for an error response, or for an error inside a stream (status None)."""
    allowed = _overrides(status, body.text)
    for kind in ERROR_PATTERNS:
        found = kind.codes.search(body.codes) or kind.text.search(body.text)
        if found and kind.code in allowed:
            return kind.code
    if status is None:
        return "rejected" if _REJECTED.search(body.codes) else "unavailable"
    if status >= 500 or 200 <= status < 300:
        return "unavailable"
    return _CODE_BY_STATUS.get(status, "rejected")


def _overrides(status: int | None, message: str) -> set[str]:
    if status is None or status < 500:
        return _OVERRIDES.get(status or 0, _ALL_CODES)
    return _SERVER_OVERRIDES - {"model"} if _TEMPORARY.search(message) else _SERVER_OVERRIDES
