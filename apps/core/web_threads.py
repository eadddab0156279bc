"""The threads that answer requests: Django is synchronous, the server is not."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Python runs one thread at a time; the others are for those that wait for the disk or the database.
THREADS = 4

Job = tuple[bool, int, Callable[[], None]]

_jobs: "queue.PriorityQueue[Job]" = queue.PriorityQueue()
_numbers = itertools.count()
_start_lock = threading.Lock()
_threads: list[threading.Thread] = []


async def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the work in one of the threads, in turn, and return its result."""
    return await _submit(work, False, *args, **kwargs)


async def run_first(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the work before all that waits: something that is on its way depends on it."""
    return await _submit(work, True, *args, **kwargs)


async def _submit(
    work: Callable[P, T], is_urgent: bool, *args: P.args, **kwargs: P.kwargs
) -> T:
    future: Future[T] = Future()

    def job() -> None:
        try:
            future.set_result(work(*args, **kwargs))
        except BaseException as error:  # It is raised where the result is awaited.
            future.set_exception(error)

    _start()
    _jobs.put((not is_urgent, next(_numbers), job))
    return await asyncio.wrap_future(future)


def _start() -> None:
    if _threads:
        return
    with _start_lock:
        while len(_threads) < THREADS:
            thread = threading.Thread(target=_work, name="web", daemon=True)
            _threads.append(thread)
            thread.start()


def _work() -> None:
    while True:
        _, _, job = _jobs.get()
        job()
        del job  # It holds a request until the next comes.
