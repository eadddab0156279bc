"""Service state: the result of this process's last call to the AI service; no probes are sent."""

# Codes of errors that concern the service, and not what was sent.
_SERVICE_CODES = {"credentials", "quota", "rate", "timeout", "unavailable", "unreachable"}

_last = "unknown"


def state() -> str:
    """Return `ok`, `unknown` before the first call, or the error code of the last call."""
    return _last


def record_answer() -> None:
    global _last
    _last = "ok"


def record_failure(code: str) -> None:
    global _last
    _last = code if code in _SERVICE_CODES else "ok"
