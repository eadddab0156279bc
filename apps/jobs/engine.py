"""Where work runs that no request waits for: in threads of this process, or in Celery's workers.

CHAT_ENGINE decides, and only here. The tasks are the same functions; they take ids and other plain
values. A row tells that a task is due: what is lost on its way is handed out again by a sweep.
"""

from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import TypeVar

from django.conf import settings

from apps.core.cache import redis_client
from apps.jobs import thread_pool

SIGN_SECONDS = 30  # After which a worker that gives none is taken for gone.

Task = Callable[..., object]
T = TypeVar("T", bound=Task)


class Lane(Enum):
    """What must not wait behind each other."""

    REPLIES = "replies"
    CHORES = "chores"  # Of the model, beside the replies.
    TRANSFERS = "transfers"


class Unavailable(Exception):
    """The process is about to end, or the broker is away."""


_tasks: dict[str, Task] = {}
_names: dict[Task, str] = {}

_pools = {
    Lane.REPLIES: thread_pool.pool,
    Lane.CHORES: thread_pool.side_pool,
    Lane.TRANSFERS: thread_pool.transfer_pool,
}


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


def is_shared() -> bool:
    """Tell whether all processes share one queue, in which work waits for a worker."""
    return bool(settings.CHAT_ENGINE == "celery")


def submit(lane: Lane, owner: int, function: Task, *args: object) -> None:
    """Have function(*args) run for the owner. Raise QueueFull or Unavailable."""
    if is_shared():
        _hand_out(lane, function, args)
        return
    try:
        _pools[lane]().submit(owner, function, *args)
    except thread_pool.PoolClosed as error:
        raise Unavailable from error


def workers_state() -> str:
    """Return `ok` if a worker for replies has been seen lately, `none`, or `unknown`."""
    try:
        with redis_client.attempt() as redis:
            is_there = redis.exists(_sign_of(Lane.REPLIES))
    except redis_client.Away:
        return "unknown"
    return "ok" if is_there else "none"


def give_sign() -> None:
    """Let others know for a while that this worker is there, if it is one."""
    if is_shared():
        from apps.jobs import celery

        with suppress(redis_client.Away), redis_client.attempt() as redis:
            for lane in celery.lanes():
                redis.set(_sign_of(lane), 1, ex=SIGN_SECONDS)


def _sign_of(lane: Lane) -> str:
    return redis_client.key(f"worker:{lane.value}")


def has_waiting(lane: Lane) -> bool:
    """Tell whether work waits in the shared queue; one that is away has none to be had."""
    try:
        with redis_client.attempt() as redis:
            return bool(redis.llen(redis_client.key(lane.value)))
    except redis_client.Away:
        return True


def drain(lane: Lane, seconds: float) -> None:
    """Begin nothing more, and give what runs in this process some time to end."""
    if is_shared():
        from apps.jobs import celery

        celery.drain(seconds)
    _pools[lane]().drain(seconds)


def _hand_out(lane: Lane, function: Task, args: tuple[object, ...]) -> None:
    from apps.jobs import celery

    try:
        celery.send(lane, _names[function], args)
    except redis_client.Away as error:
        raise Unavailable from error
