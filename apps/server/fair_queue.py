"""Fair turns: who has used the threads least is next, so nobody gains by asking more often.

Start-time fair queueing (Goyal, Vin, Cheng 1996), with measured seconds for costs: each owner has
a virtual time, which its work moves forward; who comes anew begins where the last one was served.
"""

import heapq
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Job = TypeVar("Job")

# Seconds that urgent work goes ahead of its owner's virtual time. Whoever asks for more of it than
# that is served like all others, so urgency is worth nothing to those who flood.
URGENT_SECONDS = 0.25


@dataclass(slots=True, eq=False)
class Owner(Generic[Job]):
    """Somebody whose work waits or runs."""

    name: str
    used: float  # Virtual time.
    urgent: deque[Job] = field(default_factory=deque)
    usual: deque[Job] = field(default_factory=deque)
    running: int = 0
    turn: int = 0  # The number of its entry in the heap that counts; 0: none.

    @property
    def is_idle(self) -> bool:
        return not (self.running or self.urgent or self.usual)


class FairQueue(Generic[Job]):
    """The work of many owners, of which each has at most `each` running at once."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._owners: dict[str, Owner[Job]] = {}
        self._heap: list[tuple[float, int, Owner[Job]]] = []
        self._numbers = itertools.count(1)
        self._now = 0.0
        self._active = 0  # Owners with work.

    def put(self, name: str, job: Job, is_urgent: bool) -> None:
        owner = self._owners.get(name)
        if owner is None:
            owner = self._owners[name] = Owner(name, self._now)
        if owner.is_idle:
            owner.used = max(owner.used, self._now)
            self._active += 1
        (owner.urgent if is_urgent else owner.usual).append(job)
        if not owner.turn or (is_urgent and len(owner.urgent) == 1):
            self._enter(owner)

    def take(self) -> tuple[Owner[Job], Job] | None:
        """Return the next job and whose it is, for done(); None if none may run now."""
        while self._heap:
            _key, turn, owner = heapq.heappop(self._heap)
            if turn != owner.turn:
                continue  # Urgent work has come since, and entered it anew.
            self._now = max(self._now, owner.used)
            owner.running += 1
            owner.turn = 0
            job = (owner.urgent or owner.usual).popleft()
            self._enter(owner)
            return owner, job
        return None

    def done(self, owner: Owner[Job], seconds: float) -> None:
        """Charge the owner for a job that has ended."""
        owner.running -= 1
        owner.used += seconds
        self._enter(owner)
        self._active -= owner.is_idle
        if not self._active:
            self._owners.clear()  # Nobody waits, so nobody owes anything.
            self._now = 0.0
        elif owner.is_idle and owner.used <= self._now:
            del self._owners[owner.name]

    def _enter(self, owner: Owner[Job]) -> None:
        if owner.running < self._each and (owner.urgent or owner.usual):
            owner.turn = next(self._numbers)
            ahead = URGENT_SECONDS if owner.urgent else 0.0
            heapq.heappush(self._heap, (owner.used - ahead, owner.turn, owner))
