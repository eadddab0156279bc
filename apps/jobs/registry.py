"""What runs in the background: tasks by their names, and the lanes in which they wait."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

Task = Callable[..., object]
T = TypeVar("T", bound=Task)


class Lane(Enum):
    """What must not wait behind each other."""

    REPLIES = "replies"
    CHORES = "chores"  # Of the model, beside the replies.
    TRANSFERS = "transfers"


class Unavailable(Exception):
    """The process is about to end, or the broker is away."""


class QueueFull(Exception):
    """As many jobs wait as may."""


@dataclass(frozen=True, slots=True)
class Job:
    """A task for an owner. It takes ids and other plain values: another process may run it."""

    lane: Lane
    owner: int
    task: Task
    args: tuple[object, ...] = ()
    turn: Task | None = None  # Runs instead where turns between owners are made by the rows.
    ahead: Callable[[], int] | None = None  # How many wait before it, if there is an end.


_tasks: dict[str, Task] = {}
_names: dict[Task, str] = {}


def task(name: str) -> Callable[[T], T]:
    """Register the function under the name that messages to workers carry.

    It never changes, wherever the function moves: a broker may hold messages of another version,
    and so may a worker that is still to be replaced.
    """

    def register(function: T) -> T:
        _tasks[name] = function
        _names[function] = name
        return function

    return register


def task_named(name: str) -> Task | None:
    """Return the task, or None if this version has none of that name."""
    return _tasks.get(name)


def name_of(function: Task) -> str:
    return _names[function]
