"""How much of one sender is taken, before it costs anything: requests, their bytes, their pace."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Requests of one person or address that are being read, wait or are answered; open streams are
# counted elsewhere. A school behind one address, or a gallery by HTTP/2, has some dozens.
MOST_REQUESTS = 200

# Of a processor, in the long run; Python has one for all. Whoever has used more than the seconds
# that may be used at once waits, as nobody does who reads and writes, or loads a class's pages.
SHARE = 0.25
SECONDS_AT_ONCE = 3.0
LEAST_SECONDS = 0.002  # What any request costs; so those that wait do not all go on together.

_SWEEP = 1000  # Senders, beyond which those who owe nothing are forgotten.


class TooMany(Exception):
    """This sender has as many requests under way as anybody may have."""


class Holding:
    """What of a sender is under way, and what it has used of late."""

    __slots__ = ("_at", "_used", "bytes", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0
        self._used = 0.0  # Seconds, at that time; they wear off.
        self._at = 0.0

    @property
    def used(self) -> float:
        """Return the seconds of a processor that have not worn off."""
        return max(0.0, self._used - SHARE * (time.monotonic() - self._at))

    def charge(self, seconds: float) -> None:
        self._used, self._at = self.used + seconds, time.monotonic()

    async def pace(self) -> None:
        """Wait until the sender may use more."""
        wait = (self.used - SECONDS_AT_ONCE) / SHARE
        self.charge(LEAST_SECONDS)
        if wait > 0:
            await asyncio.sleep(wait)


_holdings: dict[str, Holding] = {}  # By owner; only the event loop looks at it.


@contextmanager
def hold(owner: str) -> Iterator[Holding]:
    """Count a request among those of its sender until it is answered. Raise TooMany."""
    holding = _holdings.get(owner)
    if holding is None:
        if len(_holdings) >= _SWEEP:
            _forget()
        holding = _holdings[owner] = Holding()
    if holding.requests >= MOST_REQUESTS:
        raise TooMany(owner)
    holding.requests += 1
    try:
        yield holding
    finally:
        holding.requests -= 1


def _forget() -> None:
    for owner, holding in list(_holdings.items()):
        if not holding.requests and not holding.used:
            del _holdings[owner]
