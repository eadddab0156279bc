"""Retry hints: when to ask again, from headers (as OpenAI's library reads them) or a message."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_WAIT_SECONDS = 20.0  # A longer Retry-After is shown to the user, not waited for.
_MAX_HINT_SECONDS = 7 * 86_400.0  # A longer one is a mistake, and could overflow a date.

_NUMBER = re.compile(r"\d{1,12}(\.\d{0,9})?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_UNIT = (  # Not the beginning of "Dec" or "March".
    r"(ms|milli|s|m|h|d)(?:seconds?|secs?|ec(?:ond)?s?|in(?:ute)?s?|rs?|ours?|ays?)?(?![a-z])"
)
_SPAN = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,9}})?)\s*{_UNIT}", re.I)
_HINT = re.compile(
    rf"(?:again|retry|wait|resets?)\b[^\d\n]{{0,20}}((?:\d+(?:\.\d+)?\s*{_UNIT}[\s,]*(?:and )?)+)",
    re.I,
)


def asks_for_retry(headers: Mapping[str, str]) -> bool | None:
    """Return the header X-Should-Retry of OpenAI's servers; None without it."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After (RFC 9110, 10.2.3) or Retry-After-Ms; None without them."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value):
            return _bounded(float(value) * unit)
    value = headers.get("retry-after", "")
    if _SPAN.fullmatch(value.strip()):  # Some write "30s".
        return retry_after_in(f"retry {value}")
    return _seconds_until(value)


def retry_after_in(text: str) -> float | None:
    """Return the seconds after which a message asks to try again, as in "in 12m3.5s"."""
    told = _HINT.search(text)
    if not told:
        return None
    spans = _SPAN.findall(told[1])
    return _bounded(sum(float(number) * _seconds(unit) for number, unit in spans))


def _seconds(unit: str) -> float:
    unit = unit.lower()
    return _SECONDS["ms" if unit == "milli" else unit]


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _bounded((moment - datetime.now(UTC)).total_seconds())


def _bounded(seconds: float) -> float | None:
    return min(seconds, _MAX_HINT_SECONDS) if seconds > 0 else None
