"""Periodic tasks: one thread of each process runs those that are due, the most urgent first.

Each package registers its own when it starts: see every().
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from apps.jobs import housekeeping
from apps.server import lifecycle

logger = logging.getLogger(__name__)

Task = Callable[[], object]
Seconds = float | Callable[[], float]  # The latter where a setting says so.

TICK_SECONDS = 1.0  # Between two looks at what is due.
HOUR, DAY = 3600.0, 86_400.0


def heartbeat() -> float:
    """Return the seconds between two renewals of a lease."""
    return float(settings.CHAT_HEARTBEAT_SECONDS)


@dataclass(slots=True)
class Periodic:
    task: Task
    interval: Seconds
    while_stopping: bool
    slow: bool
    last_run: float = -math.inf

    @property
    def seconds(self) -> float:
        return self.interval() if callable(self.interval) else self.interval

    @property
    def urgency(self) -> tuple[bool, float]:
        """What has to run to the end comes first, then what comes round most often."""
        return not self.while_stopping, self.seconds


class Scheduler:
    def __init__(self) -> None:
        self.is_limited: Callable[[], bool] = lifecycle.is_stopping  # To what runs while stopping.
        self._registered: list[Periodic] = []
        self._thread: threading.Thread | None = None
        self._thread_lock = threading.Lock()
        self._running = threading.Lock()

    def every(
        self, seconds: Seconds, task: Task, *, while_stopping: bool = False, slow: bool = False
    ) -> None:
        """Run the task each time so many seconds have passed; 0 stands for each tick.

        What has to go on until the process has ended runs `while_stopping`. What is `slow` gets a
        thread of housekeeping: nothing else waits for it.
        """
        self._registered.append(Periodic(task, seconds, while_stopping, slow))

    def start(self) -> None:
        """Start the thread of this process, unless it runs."""
        with self._thread_lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
                self._thread.start()

    def tasks(self) -> list[Task]:
        """Return what is registered, the most urgent first."""
        return [each.task for each in self._in_order()]

    def run_due(self) -> None:
        """Run what is due. No task that fails stops the others; a database that is away does."""
        is_limited = self.is_limited()
        try:
            for each in self._in_order():
                now = time.monotonic()
                is_due = now - each.last_run > each.seconds
                if is_due and (each.while_stopping or not is_limited):
                    each.last_run = now
                    _attempt(each)
        except DatabaseError:
            logger.exception("the database is away; what is due is tried again")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Run nothing meanwhile."""
        with self._running:
            yield

    def _run(self) -> None:
        while True:
            with self._running:
                self.run_due()
            close_old_connections()
            time.sleep(TICK_SECONDS)

    def _in_order(self) -> list[Periodic]:
        return sorted(self._registered, key=lambda each: each.urgency)


def _attempt(each: Periodic) -> None:
    try:
        if each.slow:
            housekeeping.submit(each.task)
        else:
            each.task()
    except DatabaseError:
        raise
    except Exception:
        logger.exception("%s failed; trying again", each.task.__qualname__)


default = Scheduler()  # Of this process.
every, start, tasks = default.every, default.start, default.tasks
