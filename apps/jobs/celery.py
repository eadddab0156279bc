"""Celery, with Redis as its broker: the only import of it. A worker is `scripts/worker`.

Each message names one of our functions. What is acknowledged late is not the message but its row,
by the lease that a worker renews: so others notice within seconds that a worker has died, where a
broker would wait longer than the longest reply takes, and nothing depends on what Redis remembers.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

from celery import Celery, signals
from celery.exceptions import Reject
from django.conf import settings
from kombu import Connection, pools
from kombu.exceptions import OperationalError
from kombu.transport import virtual

from apps.core.cache import redis_client
from apps.jobs import registry, thread_pool
from apps.jobs.registry import Job, Lane, QueueFull, Task, Unavailable
from apps.jobs.thread_queue import ThreadQueue
from apps.server import lifecycle

logger = logging.getLogger(__name__)

SIGN_SECONDS = 30  # After which a worker that gives none is taken for gone.

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
    if (task := registry.task_named(name)) is None:  # Its row is handed out again, if it has one.
        logger.error("no task is named %s: the message is of another version", name)
        return
    with _counted():
        thread_pool.run(task, tuple(args))


class CeleryQueue(ThreadQueue):
    """One queue for all processes; workers take from it, and each looks in the rows for its turn.

    What a worker that dies leaves unfinished is begun afresh by another.
    """

    is_local = False
    restarts = True

    def submit(self, job: Job) -> None:
        """Hand the job to the broker. Raise QueueFull or Unavailable."""
        if job.ahead and job.ahead() >= settings.CHAT_QUEUE_LIMIT:
            raise QueueFull
        try:
            if job.turn:
                _send(job.lane, job.turn, ())
            else:
                _send(job.lane, job.task, job.args)
        except redis_client.Away as error:
            raise Unavailable from error

    def has_waiting(self, lane: Lane) -> bool:
        """Return whether work waits for a worker; a broker that is away has none to be had."""
        try:
            with redis_client.attempt() as redis:
                return bool(redis.llen(redis_client.key(lane.value)))
        except redis_client.Away:
            return True

    def drain(self, lane: Lane, seconds: float) -> None:
        with _ended:
            _ended.wait_for(lambda: not _running, seconds)
        super().drain(lane, seconds)

    def state(self) -> dict[str, str]:
        """Return also `ok` if a worker for replies has been seen lately, `none`, or `unknown`."""
        return super().state() | {"workers": _workers_state()}

    def heartbeat(self) -> None:
        """Let others know for a while what this worker works on: nothing, if it is none."""
        lanes = [lane for lane, (name, _priority) in QUEUES.items() if name in _consumed]
        with suppress(redis_client.Away), redis_client.attempt() as redis:
            for lane in lanes:
                redis.set(_sign_of(lane), 1, ex=SIGN_SECONDS)


queue = CeleryQueue()


def _workers_state() -> str:
    try:
        with redis_client.attempt() as redis:
            if redis.exists(_sign_of(Lane.REPLIES)):
                return "ok"
    except redis_client.Away:
        return "unknown"
    # One that was away may have come back empty, before the workers have said again that they work.
    return "unknown" if redis_client.was_away(SIGN_SECONDS) else "none"


def _sign_of(lane: Lane) -> str:
    return redis_client.key(f"worker:{lane.value}")


def _send(lane: Lane, task: Task, args: tuple[object, ...]) -> None:
    """Hand a task to the broker. Raise Away."""
    name, priority = QUEUES[lane]
    message = registry.name_of(task), args
    with redis_client.attempt():
        try:
            with pools.producers[_broker()].acquire(block=True) as producer:
                run.apply_async(
                    message, queue=name, priority=priority, producer=producer, retry=False
                )
        except OperationalError as error:  # Celery's, for what the client of Redis raised.
            raise ConnectionError(str(error)) from error


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


@signals.worker_ready.connect
def _start(**_: object) -> None:
    _consumed.update(app.amqp.queues.consume_from)
    queue.heartbeat()
    lifecycle.started()


@signals.worker_shutting_down.connect
def _stop(**_: object) -> None:
    """Drain in a thread, for this is called in the middle of whatever runs; Python waits for it."""
    threading.Thread(target=lifecycle.stopped, name="stop").start()
