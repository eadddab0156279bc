"""The engine of the tests: threads, or by TEST_ENGINE=celery (scripts/test --celery) workers.

What a server hands out is then done by a process beside it, and what a test hands out in its own
process by a thread of it, so that the test can look into what is written.
"""

import atexit
import os
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count

from django.test import override_settings

from apps.core.cache import redis_client
from apps.jobs import housekeeping, thread_pool
from tests.waiting import PATIENCE

IS_CELERY = os.environ.get("TEST_ENGINE") == "celery"
THREADS = 64

_numbers = count()


def settings():
    """Return what chooses the engine, with a part of Redis that nobody else has."""
    if not IS_CELERY:
        return {}
    return {"CHAT_ENGINE": "celery", "REDIS_URL": f"{_redis().address}/{next(_numbers)}"}


@cache
def _redis():
    from tests.redis_server import RedisServer

    redis = RedisServer()
    redis.start()
    atexit.register(redis.stop)
    return redis


class EmbeddedWorker:
    """A worker of all queues, in a thread."""

    def __init__(self, redis_url):
        from celery import signals

        from apps.jobs import celery

        self.app = celery.app
        self.app.conf.broker_url = redis_url
        self.app.conf.broker_transport_options |= {"polling_interval": 0.05}  # It ends as soon.
        self._threads = 0
        self._under_way = set()  # What has been handed out, and has not come to its end.
        self._stack = ExitStack()
        signals.before_task_publish.connect(self._note_begin)
        signals.task_postrun.connect(self._note_end)

    @property
    def is_idle(self):
        return not self._under_way

    def start(self, threads=THREADS):
        """Start it, if need be in place of one that has another number of threads."""
        from celery.contrib.testing.worker import start_worker

        if threads == self._threads:
            return
        self.stop()
        options = {"pool": "threads", "concurrency": threads, "queues": ["replies", "transfers"]}
        options |= {"perform_ping_check": False, "shutdown_timeout": PATIENCE}
        self._stack.enter_context(start_worker(self.app, **options))
        self._threads = threads

    def stop(self):
        self._stack.close()
        self._threads = 0

    def _note_begin(self, headers, **_):
        self._under_way.add(headers["id"])

    def _note_end(self, task_id, **_):
        self._under_way.discard(task_id)


worker = None  # While this process has one.


@contextmanager
def running():
    """Have the engine run in this process."""
    global worker
    if not IS_CELERY:
        yield
        return
    redis_client.PATIENCE_SECONDS = 20  # What it takes to wait for it on a busy machine.
    chosen = settings()
    override_settings(**chosen).enable()  # To the very end: other threads read them.
    worker = EmbeddedWorker(chosen["REDIS_URL"])
    worker.start()
    yield
    worker.stop()


def is_idle():
    """Tell whether nothing runs in the background: no reply, and nothing that followed from one."""
    pools = [thread_pool.pool(), thread_pool.side_pool(), thread_pool.transfer_pool()]
    are_idle = all(pool.load == (0, 0) for pool in [*pools, housekeeping.pool])
    return are_idle and (worker is None or worker.is_idle)
