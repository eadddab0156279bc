"""What a line of the log belongs to: the request, the reply, the call of the service.

Each of them binds its id for as long as it lasts, and what is started meanwhile in other threads
inherits it (web_threads.py, background.py). So one search for an id finds all its lines.
"""

import contextvars
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

_FORWARDED = re.compile(r"[0-9A-Za-z-]{8,64}")  # What a proxy may call a request.

_fields: contextvars.ContextVar[dict[str, object]] = contextvars.ContextVar("log", default={})  # noqa: B039 -- it is never changed.


def new_id() -> str:
    return secrets.token_hex(6)


def request_id(forwarded: str) -> str:
    """Return the id that the proxy in front has given, if it can be one, or a new one."""
    return forwarded if _FORWARDED.fullmatch(forwarded) else new_id()


def current() -> dict[str, object]:
    """Return what belongs to the lines that are written now, by name."""
    return _fields.get()


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Let lines that are written within belong to these, too."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)
