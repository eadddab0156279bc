"""The threads that answer requests: Django is synchronous, the server is not."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from apps.server import cpu_affinity, log_context
from apps.server.fair_queue import FairQueue

P = ParamSpec("P")
T = TypeVar("T")

# Whose work it is that the running task of the event loop gives to the threads.
owner: ContextVar[str] = ContextVar("owner", default="nobody")


class Lane:
    """Some threads that take work in fair turns, each person's or address's one at a time.

    One at a time leaves a thread to all others, however long somebody's request takes. The threads
    are `spread` over the processors if most of their work is none of Python's.
    """

    def __init__(self, threads: int, spread: bool = False, each: int = 1) -> None:
        self._threads = threads
        self._spread = spread
        self._started = 0
        self._jobs: FairQueue[Callable[[], None]] = FairQueue(each)
        self._change = threading.Condition()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work in one of the threads, and return its result."""
        return await self._submit(False, work, *args, **kwargs)

    async def run_first(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work soon, unless its owner has had much: a reply on its way depends on it."""
        return await self._submit(True, work, *args, **kwargs)

    async def _submit(
        self, is_urgent: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        future: Future[T] = Future()
        fields = log_context.current()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return  # Whoever waited for it has left; a result would be an error.
            try:
                with log_context.bound(**fields):
                    future.set_result(work(*args, **kwargs))
            except BaseException as error:  # It is raised where the result is awaited.
                future.set_exception(error)

        with self._change:
            self._jobs.put(owner.get(), job, is_urgent)
            self._change.notify()
            while self._started < self._threads:
                self._started += 1
                threading.Thread(target=self._work, name="web", daemon=True).start()
        return await asyncio.wrap_future(future)

    def _work(self) -> None:
        cpu_affinity.use_all() if self._spread else cpu_affinity.keep_to_one()
        with self._change:
            while True:
                while (taken := self._jobs.take()) is None:
                    self._change.wait()
                whose, job = taken
                self._change.release()
                started = time.monotonic()
                try:
                    job()
                finally:
                    self._change.acquire()
                self._jobs.done(whose, time.monotonic() - started)
                del taken, job  # They hold a request until the next comes.


# Python runs one thread at a time; more are of use only to those that wait for the database. What
# only reads has threads of its own, for writers wait for each other, and a page must not. So has
# what costs more than that: a page must wait neither for a picture, which takes a second to decode,
# nor for a hostile PDF with its ten, nor for a PDF that is laid out, nor for a password, whose hash
# is meant to be slow. Each of these needs a processor, more than Python.
readers = Lane(2)
writers = Lane(2)
uploads = Lane(3, spread=True)
makers = Lane(2, spread=True)
passwords = Lane(2, spread=True)
doors = Lane(1)  # Whose is a session? It decides on the lane, so it waits in none of them.
