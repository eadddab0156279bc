"""The threads that answer requests outlive whoever asked."""

import asyncio
import threading
from contextlib import suppress

from apps.server.request_threads import Lane


def test_a_request_that_is_given_up_costs_no_thread():
    """I10: a client left while its request waited for its turn."""
    lane, free, asked = Lane(1), threading.Event(), []

    async def ask():
        first = asyncio.create_task(lane.run(free.wait))
        second = asyncio.create_task(lane.run(asked.append, "given up"))
        await asyncio.sleep(0)
        second.cancel()
        with suppress(asyncio.CancelledError):
            await second
        free.set()
        await first
        await asyncio.wait_for(lane.run(asked.append, "the next"), 5)

    runner = threading.Thread(target=lambda: asyncio.run(ask()))  # The browser tests have a loop.
    runner.start()
    runner.join()
    assert asked == ["the next"]
