"""The queue of background jobs: threads of this process, or one for Celery's workers.

CHAT_ENGINE decides, and only here. A row tells that a job is due: what is lost on its way is
queued again (runner.py).
"""

from django.conf import settings

from apps.jobs.thread_queue import ThreadQueue

_threads = ThreadQueue()


def current() -> ThreadQueue:
    """Return the queue of this process."""
    if settings.CHAT_ENGINE != "celery":
        return _threads
    from apps.jobs import celery  # Need not be installed.

    return celery.queue


def heartbeat() -> None:
    current().heartbeat()
