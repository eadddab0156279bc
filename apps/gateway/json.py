import json
from collections.abc import Callable
from json.scanner import make_scanner
from typing import Any

from apps.gateway.errors.translation import Failure

_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(json.JSONDecoder())  # type: ignore


def parsed(data: str) -> object:
    """Return what the JSON holds, or raise Failure."""
    try:
        # What json.loads() does around this costs as much as all that is done with a piece.
        chunk, end = _scan(data, 0)
        if end == len(data):
            return chunk
    except (StopIteration, ValueError, RecursionError):
        pass  # Blanks around it may be all that is wrong.
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Failure("unreadable", reason=type(error).__name__) from error
