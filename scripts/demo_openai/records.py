"""What is remembered of requests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Self

from scripts.demo_openai.http import Request, uploads


@dataclass
class Record:
    """What is remembered of a request."""

    id: int
    method: str
    path: str
    model: str | None
    body: Any
    authorization: bool
    started: float = field(default_factory=time.time)  # Unix time.
    pieces: int = 0
    ended: str = "running"
    duration: float | None = None  # Seconds, once it has ended.

    @classmethod
    def of(cls, number: int, request: Request) -> Self:
        model = request.data.get("model")
        return cls(
            id=number,
            method=request.method,
            path=request.path,
            model=model if isinstance(model, str) else None,
            body=loggable(request.data) or None,
            authorization="authorization" in request.headers,
        )

    def end(self, how: str) -> None:
        self.duration = time.time() - self.started
        self.ended = how

    def as_dict(self) -> dict[str, Any]:
        seconds = time.time() - self.started if self.duration is None else self.duration
        shown = {key: value for key, value in vars(self).items() if key != "duration"}
        return {**shown, "seconds": round(seconds, 3)}


def loggable(data: dict[str, Any]) -> dict[str, Any]:
    """Return a body with the sizes of its files in place of their bytes."""
    files = {name: uploads(data, name) for name in data}
    sizes = {
        name: [{"file": one.name, "bytes": len(one.content)} for one in found]
        for name, found in files.items()
        if found
    }
    return {**data, **sizes}
