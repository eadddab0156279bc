"""Redis, where REDIS_URL names one: the only import of redis. Asked with little patience.

It may be away, full or still loading. Then it is left alone for some seconds, and whoever would
ask it does without it at once.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from redis import Redis

PATIENCE_SECONDS = 0.5  # For a connection, and for an answer.
RETRY_SECONDS = 5.0  # For how long nobody asks one that has failed.

logger = logging.getLogger("parlor.redis")

_lock = threading.Lock()  # Guards the two below.
_is_away = False
_failed_at = -math.inf  # time.monotonic()


class Away(Exception):
    """Redis does not answer, or does not take what it is given."""


def is_wanted() -> bool:
    return bool(settings.REDIS_URL)


def is_here() -> bool:
    """Return, without asking it, whether Redis is wanted and was there when last asked."""
    return is_wanted() and not _is_away


def was_away(seconds: float) -> bool:
    """Return whether this process has met a Redis that failed, no longer ago than that."""
    return time.monotonic() < _failed_at + seconds


@cache
def prefix() -> str:
    """Tell installations apart that share a Redis: the ids of their rows are the same."""
    salt = "apps.core.redis_client"  # Processes of an older version use the same keys.
    return f"parlor:{salted_hmac(salt, '').hexdigest()[:8]}:"


def key(name: str) -> str:
    return prefix() + name


def state() -> str:
    """Tell in a word whether Redis takes what it is given."""
    try:
        with attempt() as redis:
            redis.ping()
    except Away:
        return "unreachable"
    return "ok"


@contextmanager
def attempt() -> Iterator["Redis"]:
    """Give the client to whoever wants to ask Redis something; raise Away if that fails.

    It does at once for RETRY_SECONDS after a failure.
    """
    import redis

    if was_away(RETRY_SECONDS):
        raise Away
    try:
        if _is_away:
            client().set("parlor:here", 1, px=1000)  # One that is full still answers questions.
        yield client()
    except (redis.RedisError, OSError) as error:
        _note_failure(error)
        raise Away from error
    _note_success()


def options() -> dict[str, Any]:
    """Return how connections are made: by default they would wait, and try again, for long."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "socket_connect_timeout": PATIENCE_SECONDS,
        "socket_timeout": PATIENCE_SECONDS,
        "retry": Retry(NoBackoff(), 1),  # Once: a connection that idled may have been closed.
    }


def client() -> "Redis":
    """Return the client for the server of the settings; it has not connected yet."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _client(url: str) -> "Redis":
    from redis import Redis

    return Redis.from_url(url, decode_responses=True, encoding_errors="replace", **options())


def _note_failure(error: Exception) -> None:
    global _is_away, _failed_at
    with _lock:
        is_new, _is_away = not _is_away, True
        _failed_at = time.monotonic()
    if is_new:
        logger.warning("Redis is away, the database has to do: %s", error)


def _note_success() -> None:
    global _is_away
    with _lock:
        is_new, _is_away = _is_away, False
    if is_new:
        logger.warning("Redis is back")
