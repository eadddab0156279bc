"""What a service says about asking again, read as its own client library reads it, and in words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 20.0  # Seconds; a longer Retry-After is told, not waited for.
_LONGEST_TOLD = 7 * 86_400.0  # Seconds; a longer one is a mistake, and might be no valid date.

_NUMBER = re.compile(r"\d{1,12}(\.\d{0,9})?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_UNIT = (  # Not the beginning of "Dec" or "March".
    r"(ms|milli|s|m|h|d)(?:seconds?|secs?|ec(?:ond)?s?|in(?:ute)?s?|rs?|ours?|ays?)?(?![a-z])"
)
_SPAN = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,9}})?)\s*{_UNIT}", re.I)
_TOLD = re.compile(
    rf"(?:again|retry|wait|resets?)\b[^\d\n]{{0,20}}((?:\d+(?:\.\d+)?\s*{_UNIT}[\s,]*(?:and )?)+)",
    re.I,
)


def asks_for_retry(headers: Mapping[str, str]) -> bool | None:
    """Return what the server itself says about trying again; None if it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return in seconds when to ask again: milliseconds, seconds or a date (RFC 9110, 10.2.3)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value):
            return _sensible(float(value) * unit)
    value = headers.get("retry-after", "")
    if _SPAN.fullmatch(value.strip()):  # Some write "30s".
        return retry_after_in(f"retry {value}")
    return _until(value)


def retry_after_in(words: str) -> float | None:
    """Return the seconds after which a message asks to try again, as in "in 12m3.5s"."""
    told = _TOLD.search(words)
    if not told:
        return None
    spans = _SPAN.findall(told[1])
    return _sensible(sum(float(number) * _seconds(unit) for number, unit in spans))


def _seconds(unit: str) -> float:
    unit = unit.lower()
    return _SECONDS["ms" if unit == "milli" else unit]


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _sensible((moment - datetime.now(UTC)).total_seconds())


def _sensible(seconds: float) -> float | None:
    return min(seconds, _LONGEST_TOLD) if seconds > 0 else None
