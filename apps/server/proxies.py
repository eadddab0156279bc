"""Whether as many proxies stand in front as TRUSTED_PROXIES says."""

import logging
import time

logger = logging.getLogger("parlor.proxies")

SECONDS = 3600.0  # Between two lines about it.

_told_at: float | None = None


def tell(expected: int, found: int) -> None:
    """Say in the log, once an hour, that a request came by fewer proxies than are trusted.

    Whoever sends it could name any address as theirs, and so pass limits that count by address.
    """
    global _told_at
    now = time.monotonic()
    if _told_at is not None and now - _told_at < SECONDS:
        return
    _told_at = now
    logger.warning(
        "TRUSTED_PROXIES is %s, but a request came by way of %s: addresses can be feigned."
        " Set it to the number of proxies that stand in front of Parlor.",
        expected,
        found,
    )


def forget() -> None:
    """Say it again when it happens again."""
    global _told_at
    _told_at = None
