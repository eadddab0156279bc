"""The start and the end of this process: who wants to hear of them, and who asks."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Protocol

from django.db import connections

logger = logging.getLogger(__name__)

Callback = Callable[[], object]


class Worker(Protocol):
    """A process of the server; gunicorn's, and what site_config/gunicorn.py notes of it."""

    alive: bool
    processor: int
    nr_conns: int  # That are open.
    servers: list[asyncio.Server]  # One for each address that it listens on.


worker: Worker | None = None  # Set by site_config/gunicorn.py: the server this process works for.

_start_callbacks: list[Callback] = []
_stop_callbacks: list[Callback] = []
_stop_begun = threading.Event()


def is_stopping() -> bool:
    """Return whether streams should end and no new work should begin."""
    return _stop_begun.is_set() or (worker is not None and not worker.alive)


def begin_stop() -> None:
    _stop_begun.set()


def on_start(callback: Callback) -> Callback:
    """Call the function, in a thread, before the first request."""
    _start_callbacks.append(callback)
    return callback


def on_stop(callback: Callback) -> Callback:
    """Call the function, in a thread, as soon as the server is told to stop.

    Pages may still be open then. All such functions together have CHAT_DRAIN_SECONDS and a
    little more; afterwards the process is killed.
    """
    _stop_callbacks.append(callback)
    return callback


def started() -> None:
    _call_all(_start_callbacks)


def stopped() -> None:
    begin_stop()
    _call_all(_stop_callbacks)


def _call_all(callbacks: list[Callback]) -> None:
    try:
        for callback in callbacks:
            try:
                callback()
            except Exception:
                logger.exception("%s failed", callback)  # The others still have to be called.
    finally:
        connections.close_all()  # No request ends here that would close them.
