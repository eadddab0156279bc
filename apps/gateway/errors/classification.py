"""Which kind an error of the AI service is: by its status, its codes and, above all, its words.

What another model would mend is `model`, and what was refused for what it says is `policy`,
whatever the status.
"""

import re

from apps.gateway.errors.body import Body
from apps.gateway.errors.patterns import KINDS

_ALL = {kind.code for kind in KINDS}

# Which kinds a body may turn a status into, where it is not all of them.
_TURNS: dict[int, set[str]] = {
    401: {"policy", "quota", "model"},
    402: {"policy"},
    404: {"policy", "pictures", "model"},
    405: set(),
    408: set(),
    409: set(),
    413: {"pictures"},
    429: {"context", "policy", "rate", "quota"},
}
_SERVER_TURNS = {"context", "policy", "pictures", "model"}
_STATUSES = {
    400: "rejected",
    401: "credentials",
    402: "quota",
    403: "credentials",
    404: "rejected",  # Nobody is there who would know models: the base URL is wrong.
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
_PASSING = re.compile(
    r"(?<!error )(?<!failed )loading|overload|capacity|temporar|try again|\bbusy|currently", re.I
)
# By which an error tells its status, where it has no number.
_REJECTED = re.compile(r"invalid_?(request|argument|param)|bad_?request|unprocessable")


def kind_of(status: int | None, body: Body) -> str:
    """Return the code of an error answer, or of an error inside a stream, which has no status."""
    names, words = body.names, body.words
    turns = _turns_of(status, words)
    for kind in KINDS:
        if kind.code in turns and (kind.names.search(names) or kind.words.search(words)):
            return kind.code
    if status is None:
        return "rejected" if _REJECTED.search(names) else "unavailable"
    if status >= 500 or 200 <= status < 300:
        return "unavailable"
    return _STATUSES.get(status, "rejected")


def _turns_of(status: int | None, words: str) -> set[str]:
    if status is None or status < 500:
        return _TURNS.get(status or 0, _ALL)
    return _SERVER_TURNS - {"model"} if _PASSING.search(words) else _SERVER_TURNS
