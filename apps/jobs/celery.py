"""Celery, with Redis as its broker: the only import of it. A worker is `scripts/worker`.

Each message names one of our functions. What is acknowledged late is not the message but its row,
by the lease that a worker renews: so others notice within seconds that a worker has died, where a
broker would wait longer than the longest reply takes, and nothing depends on what Redis remembers.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from celery import Celery, signals
from celery.exceptions import Reject
from django.conf import settings
from kombu import Connection, pools
from kombu.exceptions import OperationalError
from kombu.transport import virtual

from apps.core.cache import redis_client
from apps.jobs import engine, thread_pool
from apps.jobs.engine import Lane
from apps.server import lifecycle

logger = logging.getLogger(__name__)

QUEUES = {  # And the priority in it.
    Lane.REPLIES: ("replies", 0),
    Lane.CHORES: ("replies", 9),  # Behind all replies.
    Lane.TRANSFERS: ("transfers", 0),
}

app = Celery("parlor", broker=settings.REDIS_URL, fixups=[])  # background.run sees to connections.
app.conf.update(
    broker_transport_options={
        "global_keyprefix": redis_client.prefix(),
        # Nothing in Redis tells who has what. If that had to be told over a connection which was
        # lost meanwhile, kombu 5.7 would raise AttributeError, and that ends the worker.
        "ack_emulation": False,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    worker_concurrency=settings.CHAT_THREADS,
    task_acks_late=True,  # With the next line: a worker takes no more than it has threads;
    worker_prefetch_multiplier=1,  # what waits is for whoever is free first.
    worker_cancel_long_running_tasks_on_connection_loss=False,  # They write on without a broker.
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)

virtual.QoS.restore_at_shutdown = False  # For the same reason; the rows are swept.

_consumed: set[str] = set()  # Queues that this process takes work from.
_running = 0
_ended = threading.Condition()  # Guards it.


@app.task(name="parlor.run")
def run(name: str, args: list[object]) -> None:
    """Run one of our functions, which need not be celery's to be run."""
    if lifecycle.is_stopping():
        raise Reject(requeue=True)
    if (task := engine.task_named(name)) is None:  # Its row is handed out again, if it has one.
        logger.error("no task is named %s: the message is of another version", name)
        return
    with _counted():
        thread_pool.run(task, tuple(args))


def send(lane: Lane, name: str, args: tuple[object, ...]) -> None:
    """Hand a task to the broker. Raise Away."""
    queue, priority = QUEUES[lane]
    with redis_client.attempt():
        try:
            with pools.producers[_broker()].acquire(block=True) as producer:
                run.apply_async(
                    (name, args), queue=queue, priority=priority, producer=producer, retry=False
                )
        except OperationalError as error:  # Celery's, for what the client of Redis raised.
            raise ConnectionError(str(error)) from error


def drain(seconds: float) -> None:
    """Give the tasks that run here some time to end."""
    with _ended:
        _ended.wait_for(lambda: not _running, seconds)


@cache
def _broker() -> Connection:
    """Return a connection for those who cannot wait, as workers do for as long as it takes."""
    patience = redis_client.PATIENCE_SECONDS
    options = {"socket_timeout": patience, "socket_connect_timeout": patience}
    return app.connection_for_write().clone(
        transport_options={**app.conf.broker_transport_options, **options}
    )


@contextmanager
def _counted() -> Iterator[None]:
    global _running
    with _ended:
        _running += 1
    try:
        yield
    finally:
        with _ended:
            _running -= 1
            _ended.notify_all()


@signals.setup_logging.connect
def _leave_logging(**_: object) -> None:
    """Let the settings' stand."""


def lanes() -> list[Lane]:
    """Return what this process works on: nothing, if it is no worker."""
    return [lane for lane, (queue, _priority) in QUEUES.items() if queue in _consumed]


@signals.worker_ready.connect
def _start(**_: object) -> None:
    _consumed.update(app.amqp.queues.consume_from)
    engine.give_sign()
    lifecycle.started()


@signals.worker_shutting_down.connect
def _stop(**_: object) -> None:
    """Drain in a thread, for this is called in the middle of whatever runs; Python waits for it."""
    threading.Thread(target=lifecycle.stopped, name="stop").start()
