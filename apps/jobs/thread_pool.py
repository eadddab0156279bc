"""The thread pool: where all that waits for the AI service runs."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count

from django.conf import settings
from django.db import close_old_connections, connections

from apps.jobs.registry import QueueFull
from apps.server import cpu_affinity, log_context

logger = logging.getLogger(__name__)

SIDE_SHARE = 8  # The small pool has one thread for so many of the large one.

Job = tuple[
    Callable[..., object], tuple[object, ...], dict[str, object]
]  # And whose its lines are.


@dataclass(slots=True)
class Owner:
    """A person who has jobs here."""

    jobs: deque[Job] = field(default_factory=deque)  # Those that wait.
    running: int = 0
    last_turn: int = 0  # 0: none, as long as they have had jobs here.


class PoolClosed(Exception):
    """The process is about to end."""


class FairPool:
    """Run jobs in at most `threads` threads, in turns between owners.

    A person who asks for ten things waits behind another who asks for one: the next job is
    always of the owner who has the fewest running, and among those of whoever's last turn is
    longest ago. Threads are started when needed, and are daemons: whoever shuts down drains
    first.
    """

    def __init__(self, threads: int, queue_limit: int, spread: bool = False) -> None:
        self._threads = threads
        self._spread = spread  # Over the processors: most of the work is none of Python's.
        self._queue_limit = queue_limit
        self._owners: dict[Hashable, Owner] = {}
        self._turns = count(1)
        self._lock = threading.Lock()
        self._work_to_do = threading.Condition(self._lock)
        self._job_ended = threading.Condition(self._lock)
        self._started = self._idle = self._queued = self._running = 0
        self._closed = False

    def submit(self, owner: Hashable, task: Callable[..., object], *args: object) -> None:
        """Queue task(*args) for the owner. Raise QueueFull or PoolClosed."""
        with self._lock:
            if self._closed:
                raise PoolClosed
            free = self._threads - self._running
            if self._queued >= free + self._queue_limit:
                raise QueueFull
            self._owners.setdefault(owner, Owner()).jobs.append((task, args, log_context.current()))
            self._queued += 1
            if self._idle < self._queued and self._started < self._threads:
                self._started += 1
                threading.Thread(target=self._work, name="pool", daemon=True).start()
            self._work_to_do.notify()

    def drain(self, seconds: float) -> None:
        """Take no more jobs, drop those that wait, and give those that run some time to end."""
        deadline = time.monotonic() + seconds
        with self._lock:
            self._closed = True
            for owner in self._owners.values():
                owner.jobs.clear()
            self._queued = 0
            self._work_to_do.notify_all()
            while self._running and (left := deadline - time.monotonic()) > 0:
                self._job_ended.wait(left)

    @property
    def load(self) -> tuple[int, int]:
        """How many jobs run, and how many wait."""
        with self._lock:
            return self._running, self._queued

    @property
    def is_open(self) -> bool:
        return not self._closed

    def _next(self) -> tuple[Hashable, Job] | None:
        with self._lock:
            self._idle += 1
            while not self._queued and not self._closed:
                self._work_to_do.wait()
            self._idle -= 1
            if self._closed:
                return None
            waiting = [name for name, owner in self._owners.items() if owner.jobs]
            name = min(waiting, key=self._rank)
            owner = self._owners[name]
            owner.running += 1
            owner.last_turn = next(self._turns)
            self._queued -= 1
            self._running += 1
            return name, owner.jobs.popleft()

    def _rank(self, name: Hashable) -> tuple[int, int]:
        return self._owners[name].running, self._owners[name].last_turn

    def _work(self) -> None:
        cpu_affinity.use_all() if self._spread else cpu_affinity.keep_to_one()
        while turn := self._next():
            name, job = turn
            task, args, fields = job
            with log_context.bound(**fields):
                run(task, args)
            with self._lock:
                self._running -= 1
                owner = self._owners[name]
                owner.running -= 1
                if not (owner.running or owner.jobs):
                    del self._owners[name]
                self._job_ended.notify_all()


def run(task: Callable[..., object], args: tuple[object, ...]) -> None:
    """Run a task; close its connections to the database, and log what it raises."""
    try:
        close_old_connections()
        task(*args)
    except Exception:
        logger.exception("%s%r failed", task.__name__, args)  # Nobody else would hear of it.
    finally:
        connections.close_all()  # Django closes them after a request, not after a job.


_pool: FairPool | None = None
_side_pool: FairPool | None = None
_transfer_pool = FairPool(threads=2, queue_limit=10_000, spread=True)
_pool_lock = threading.Lock()


def pool() -> FairPool:
    """Return the pool of this process."""
    global _pool
    with _pool_lock:
        if _pool is None:
            _pool = FairPool(settings.CHAT_THREADS, settings.CHAT_QUEUE_LIMIT)
        return _pool


def side_pool() -> FairPool:
    """Return the small pool for what nobody watches: replies must not wait behind it."""
    global _side_pool
    with _pool_lock:
        if _side_pool is None:
            threads = max(1, settings.CHAT_THREADS // SIDE_SHARE)
            _side_pool = FairPool(threads, settings.CHAT_QUEUE_LIMIT)
        return _side_pool


def transfer_pool() -> FairPool:
    """Return the pool for exports and imports, which each take a processor."""
    return _transfer_pool
