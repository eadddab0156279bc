"""The server: `gunicorn -c site_config/gunicorn.py site_config.asgi:application`."""

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import environ

if TYPE_CHECKING:
    from apps.core.lifecycle import Worker

env = environ.Env()
env.read_env(Path(__file__).resolve().parent.parent / ".env")  # Real environment variables win.

_host = env.str("HOST", default="127.0.0.1")
_port = env.int("PORT", default=8000)
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"

# Its own asyncio worker: one process carries thousands of open streams.
worker_class = "asgi"
# More processes than one need REDIS_URL to share streams without polling the database.
workers = env.int("WEB_CONCURRENCY", default=1)
# Each worker imports the app after the fork: no thread, lock or connection is shared by accident.
preload_app = False
# An app that cannot start says so and ends the server, instead of serving half of itself.
asgi_lifespan = "on"
# None: recycling a process would cut the streams in it.
max_requests = 0

# Seconds. Longer than the 60 a proxy keeps an idle connection, so that the proxy hangs up first.
keepalive = 75
# Running replies get CHAT_DRAIN_SECONDS; the rest is for saving them and closing the pages.
graceful_timeout = math.ceil(env.float("CHAT_DRAIN_SECONDS", default=20.0)) + 15
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


def post_worker_init(worker: "Worker") -> None:
    """Let the app ask whether its server is stopping."""
    from apps.core import lifecycle  # Only after the fork: see preload_app.

    lifecycle.worker = worker
    # Seconds. Hundreds of threads wait for the interpreter, and each of them wakes up to ask for it
    # so often; four times the default costs a fifth less and delays nothing that can be seen.
    sys.setswitchinterval(0.02)
