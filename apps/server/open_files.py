"""How many connections this process may have: each is an open file, and a page that follows a reply
keeps its own for minutes. So new streams end where the last open files begin, which all else needs.
"""

import asyncio
import logging
import resource
import time
from collections.abc import Callable
from typing import Any

from apps.server import lifecycle

logger = logging.getLogger(__name__)

SPARE = 100  # Open files for databases, stored files, and pages that are answered at once.
LOG_SECONDS = 60.0

_logged_at = -LOG_SECONDS
_counters: list[Callable[[], int]] = []


def count_by(counter: Callable[[], int]) -> None:
    """Count what else holds connections open by this function."""
    _counters.append(counter)


def has_room() -> bool:
    """Return whether one more connection may stay open."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = lifecycle.worker.nr_conns if lifecycle.worker else 0
    taken += sum(count() for count in _counters)
    return limit == resource.RLIM_INFINITY or taken + SPARE < limit


def handle_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log that no connection can be accepted once a minute: asyncio says it thousands of times."""
    global _logged_at
    if "out of system resource" not in context["message"]:
        loop.default_exception_handler(context)
    elif time.monotonic() - _logged_at >= LOG_SECONDS:
        _logged_at = time.monotonic()
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        logger.error(
            "no more files can be opened, so connections wait: the limit is %s;"
            " raise it by ulimit -n, or LimitNOFILE in the unit",
            limit,
        )
