"""The server: `gunicorn -c site_config/gunicorn.py site_config.asgi:application`."""

import atexit
import gc
import math
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from site_config import environment, open_files

if TYPE_CHECKING:
    from apps.server.lifecycle import Worker

env = environment.read()
if __name__ == "__config__":  # gunicorn runs it, again at SIGHUP, and workers come of its process:
    for _name in [name for name in sys.modules if name.startswith("site_config.")]:
        del sys.modules[_name]  # each has to find the table that belongs to the code of that time.

bind = f"[{env.HOST}]:{env.PORT}" if ":" in env.HOST else f"{env.HOST}:{env.PORT}"

open_files.raise_limit()

# Its own asyncio worker: one process carries thousands of open streams.
worker_class = "asgi"
# More processes than one need REDIS_URL to share streams without polling the database.
workers = env.WEB_CONCURRENCY
# Each worker imports the app after the fork: no thread, lock or connection is shared by accident.
preload_app = False
# An app that cannot start says so and ends the server, instead of serving half of itself.
asgi_lifespan = "on"
# None: recycling a process would cut the streams in it.
max_requests = 0

# Seconds. Longer than the 60 a proxy keeps an idle connection, so that the proxy hangs up first.
keepalive = 75
# Running replies get CHAT_DRAIN_SECONDS; the rest is for saving them and closing the pages.
graceful_timeout = math.ceil(env.CHAT_DRAIN_SECONDS) + 15
# A worker whose event loop stands still this long is killed; a worker that stops is silent, too.
timeout = graceful_timeout + 10

# Only a proxy on this machine may say that the visitor came over HTTPS.
forwarded_allow_ips = "127.0.0.1,::1"
# Else all servers of one user would share one control file in the home directory.
control_socket_disable = True
# The heartbeat is a file; in memory no slow disk can stop it.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Parlor logs its own line for each request, without queries.
accesslog = None
# Who starts the server says when it listens.
loglevel = "warning"

# Why a worker should: see apps/server/cpu_affinity.py.
_keeps_to_one_processor = env.KEEP_TO_ONE_PROCESSOR


_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_has_metrics = bool(env.METRICS_TOKEN or env.METRICS_ADDRESSES)


def on_starting(server: Any) -> None:
    """Give several processes a folder to count in together, unless they share one with workers."""
    if _has_metrics and workers > 1 and _METRICS not in os.environ:
        os.environ[_METRICS] = folder = tempfile.mkdtemp(prefix="parlor-metrics-")
        atexit.register(_remove, folder, os.getpid())


def _remove(folder: str, pid: int) -> None:
    if os.getpid() == pid:  # A worker inherits what is to be done at exit.
        shutil.rmtree(folder, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """Leave the figures that only a living process has out of the sums."""
    if _METRICS in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def pre_fork(arbiter: Any, worker: "Worker") -> None:
    """Choose a processor for the worker, one that the fewest others have."""
    if sys.platform != "linux":
        return
    taken = [getattr(other, "processor", None) for other in arbiter.WORKERS.values()]
    processors = list(os.sched_getaffinity(0))
    random.shuffle(processors)  # Other servers on the machine should not all choose the same.
    worker.processor = min(processors, key=taken.count)


def post_worker_init(worker: "Worker") -> None:
    """Fit the process, which has loaded most of the app by now, to its work."""
    # Only after the fork: see preload_app.
    from gunicorn.asgi.protocol import ASGIProtocol
    from gunicorn.workers import gasgi

    from apps.server import cpu_affinity, header_deadline, lifecycle

    lifecycle.worker = worker
    # The worker has no setting for its protocol, nor gunicorn one for how long headers may take.
    gasgi.ASGIProtocol = lambda worker: header_deadline.HeaderDeadline(
        ASGIProtocol(worker), env.HEADER_SECONDS
    )
    if _keeps_to_one_processor and sys.platform == "linux":
        cpu_affinity.choose(worker.processor)
    # Seconds. Hundreds of threads wait for the interpreter, and each of them wakes up to ask for it
    # so often; four times the default costs less on several processors, and delays nothing.
    sys.setswitchinterval(0.02)
    # What the app consists of is never garbage; to look through it again and again holds up all.
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
