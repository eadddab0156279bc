"""JSON: parse the payload of an event as cheaply as the standard library can."""

import json
from collections.abc import Callable
from json.scanner import make_scanner
from typing import Any

from apps.gateway.errors.translation import UpstreamError

_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(json.JSONDecoder())  # type: ignore


def parsed(data: str) -> object:
    """Return the parsed JSON, or raise UpstreamError."""
    try:
        # json.loads() around this costs as much as all else that is done with an event.
        chunk, end = _scan(data, 0)
        if end == len(data):
            return chunk
    except (StopIteration, ValueError, RecursionError):
        pass  # json.loads() allows for whitespace around it.
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UpstreamError("unreadable", reason=type(error).__name__) from error
