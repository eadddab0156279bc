"""Which processors the threads of this process run on.

Python runs one thread at a time, wherever the system puts them. Spread over processors they wake
each other across these, and each finds the memory that it needs in the cache of another: with
hundreds of threads that is a third of all the work. Kept to one processor they do not.
"""

import os
import sys

_allowed: set[int] = set()  # What the system gave this process, once it keeps to one of them.


def keep_to(processor: int) -> None:
    """Run this thread, and those that it starts, on this processor alone."""
    if sys.platform == "linux":
        _allowed.update(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processor})


def use_all() -> None:
    """Run this thread, and the processes that it starts, on any: Python does not hold it up."""
    if sys.platform == "linux" and _allowed:
        os.sched_setaffinity(0, _allowed)
