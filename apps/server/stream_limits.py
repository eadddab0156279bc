"""How many streams one person has open in this process: the oldest makes room for a new one.

A browser holds a few; a script that opens more must not use up the connections of all others.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MOST = 20  # Of one person.


class Seat:
    """The place of a stream; it is lost when too many others have come since."""

    def __init__(self) -> None:
        self.is_lost = False


_seats: dict[int, deque[Seat]] = {}  # By person; only the event loop looks at it.


def count() -> int:
    """Return how many streams this process has open."""
    return sum(map(len, list(_seats.values())))


@contextmanager
def seat(person_id: int) -> Iterator[Seat]:
    """Hold a seat for a stream; whoever holds it looks now and then whether it is lost."""
    seat = Seat()
    seats = _seats.setdefault(person_id, deque())
    seats.append(seat)
    if len(seats) > MOST:
        seats.popleft().is_lost = True
    try:
        yield seat
    finally:
        with suppress(ValueError):  # It was lost.
            seats.remove(seat)
        if not seats:
            _seats.pop(person_id, None)
