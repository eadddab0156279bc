"""Errors of a wrong base URL, and of what stands in front of a service."""

from __future__ import annotations

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai

IN_BETWEEN: dict[str, ErrorFault] = {
    # A wrong base URL, and what stands in front of a service.
    "wrong-url-empty": ErrorFault("rejected", 404, b""),
    "wrong-url-text": ErrorFault("rejected", 404, b"404 page not found"),
    "wrong-url-detail": ErrorFault("rejected", 404, {"detail": "Not Found"}),
    "wrong-url-405": ErrorFault("rejected", 405, {"detail": "Method Not Allowed"}),
    "wrong-url-moved": ErrorFault(
        "rejected", 301, b"<html>301 Moved Permanently</html>", {"location": "https://127.0.0.1/"}
    ),
    # Asking again.
    "retry-never": ErrorFault(
        "rate", 429, openai("Too many requests"), {"x-should-retry": "false"}
    ),
    "retry-soon": ErrorFault("rate", 429, openai("Too many requests"), {"retry-after-ms": "1500"}),
    "retry-tomorrow": ErrorFault(
        "rate", 429, openai("Too many requests"), {"retry-after": "86400"}
    ),
    "retry-in-days": ErrorFault(
        "rate", 429, openai("Too many requests"), {"retry-after": "259200"}
    ),
    "retry-asked-for": ErrorFault(
        "rejected", 400, openai("Please send it again"), {"x-should-retry": "true"}
    ),
}  # fmt: skip
