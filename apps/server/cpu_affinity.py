"""Which processors the threads of this process run on.

Python runs one thread at a time, wherever the system puts them. Spread over processors they wake
each other across these, and each finds the memory that it needs in the cache of another: with
hundreds of threads that is a third of all the work. Kept to one processor they do not.

A thread begins where the thread that started it may run, and so does a process; so each kind of
thread says for itself where it belongs.
"""

import os
import sys
from contextlib import suppress

_allowed: set[int] = set()  # What the system gave this process, once it keeps to one of them.
_chosen: set[int] = set()  # That one.


def choose(processor: int) -> None:
    """Let this process keep to the processor, beginning with this thread."""
    if sys.platform == "linux":
        _allowed.update(os.sched_getaffinity(0))
        _chosen.add(processor)
    keep_to_one()


def keep_to_one() -> None:
    """Run this thread on the processor of the process: its work is mostly Python's."""
    _run_on(_chosen)


def use_all() -> None:
    """Run this thread, and the processes that it starts, on any: Python does not hold it up."""
    _run_on(_allowed)


def everywhere() -> set[int]:
    """Return the processors for a process that is started apart; none where it may run on any."""
    return set(_allowed)


def _run_on(processors: set[int]) -> None:
    if sys.platform == "linux" and processors:
        with suppress(OSError):  # The system may forbid it: then it chooses, as ever.
            os.sched_setaffinity(0, processors)
