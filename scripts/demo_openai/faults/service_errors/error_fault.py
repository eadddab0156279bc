"""The row of an error: what a service answered, and what Parlor has to make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ErrorFault:
    code: str
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    where: str = "chat"

    @property
    def about(self) -> str:
        return f"{self.status}, which is `{self.code}`"

    @property
    def kind(self) -> str:
        """Return the content type."""
        return "text/html" if isinstance(self.body, bytes) else "application/json"


def openai(
    message: str, code: object = None, kind: str = "invalid_request_error", param: str | None = None
) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
