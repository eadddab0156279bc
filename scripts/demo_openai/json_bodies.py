"""Bodies in JSON, errors among them."""

from __future__ import annotations

import json
from typing import Any


def to_json(data: object) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # A lone surrogate has no UTF-8, but JSON can escape it.
        return json.dumps(data).encode()


def error_body(
    message: str, code: str | int | None = None, param: str | None = None, kind: str | None = None
) -> dict[str, Any]:
    """Return an error as OpenAI words it."""
    kind = kind or "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
