"""The threads that answer requests: Django is synchronous, the server is not."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

from apps.core import processors

P = ParamSpec("P")
T = TypeVar("T")

Job = tuple[bool, int, Callable[[], None]]


class Lane:
    """Some threads that take work in turn, what is urgent before the rest.

    They are `spread` over the processors if most of their work is none of Python's.
    """

    def __init__(self, threads: int, spread: bool = False) -> None:
        self._threads = threads
        self._spread = spread
        self._started = 0
        self._lock = threading.Lock()
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._numbers = itertools.count()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work in one of the threads, and return its result."""
        return await self._submit(False, work, *args, **kwargs)

    async def run_first(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work before all that waits: something that is on its way depends on it."""
        return await self._submit(True, work, *args, **kwargs)

    async def _submit(
        self, is_urgent: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return  # Whoever waited for it has left; a result would be an error.
            try:
                future.set_result(work(*args, **kwargs))
            except BaseException as error:  # It is raised where the result is awaited.
                future.set_exception(error)

        self._start()
        self._jobs.put((not is_urgent, next(self._numbers), job))
        return await asyncio.wrap_future(future)

    def _start(self) -> None:
        with self._lock:
            while self._started < self._threads:
                self._started += 1
                threading.Thread(target=self._work, name="web", daemon=True).start()

    def _work(self) -> None:
        processors.use_all() if self._spread else processors.keep_to_one()
        while True:
            _, _, job = self._jobs.get()
            job()
            del job  # It holds a request until the next comes.


# Python runs one thread at a time; more are of use only to those that wait for the database. What
# only reads has threads of its own, for writers wait for each other, and a page must not. So have
# forms with files in them: a picture takes a second to decode, and a hostile PDF its ten.
readers = Lane(2)
writers = Lane(2)
uploads = Lane(2, spread=True)
makers = Lane(2, spread=True)  # What takes seconds holds up neither.
