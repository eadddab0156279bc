"""Whether the AI service answers, as this process has last seen; nobody asks it for that."""

# Codes of failures that say something of the service, and not of what was sent.
_TELLING = {"credentials", "quota", "rate", "timeout", "unavailable", "unreachable"}

_last = "unknown"


def state() -> str:
    """Return `ok`, `unknown` before the first call, or the code of what the last one met."""
    return _last


def note_answer() -> None:
    global _last
    _last = "ok"


def note_failure(code: str) -> None:
    global _last
    _last = code if code in _TELLING else "ok"
