"""The HTML of long replies, made by apps/markdown/worker.py while others are served.

The process sees no secrets, has limits of memory and time, and ends when it has had nothing to do.
"""

import json
import subprocess
import sys
import threading
from contextlib import suppress

from django.conf import settings

from apps.markdown.stream import render_plain
from apps.server import cpu_affinity

SECONDS = 60.0  # For one reply, on a busy machine.
IDLE_SECONDS = 60.0

_lock = threading.Lock()
_worker: "subprocess.Popen[bytes] | None" = None
_ending: threading.Timer | None = None


def render(text: str, prefix: str) -> str:
    """Return the HTML of the reply; of one that its reader cannot manage, the words as they are."""
    with _lock:
        _stay()
        limit = threading.Timer(SECONDS, _end)
        limit.daemon = True
        limit.start()
        try:
            return _asked(_started(), text.encode("utf-8", "replace"), prefix)
        except (OSError, ValueError):  # It was killed: out of time, or of memory.
            _end()
            return render_plain(text)
        finally:
            limit.cancel()
            _leave_later()


def _asked(worker: "subprocess.Popen[bytes]", data: bytes, prefix: str) -> str:
    assert worker.stdin  # noqa: S101  # It is a pipe,
    assert worker.stdout  # noqa: S101  # and so is this.
    wanted = json.dumps({"bytes": len(data), "prefix": prefix}).encode()
    worker.stdin.write(wanted + b"\n" + data)
    worker.stdin.flush()
    size = int(worker.stdout.readline())  # ValueError at its end.
    html = worker.stdout.read(size)
    if len(html) < size:
        raise ValueError("It has ended.")
    return html.decode()


def _started() -> "subprocess.Popen[bytes]":
    global _worker
    if _worker is None or _worker.poll() is not None:
        everywhere = ",".join(map(str, cpu_affinity.everywhere()))
        _worker = subprocess.Popen(  # noqa: S603  # Our own module, in our own folder.
            [sys.executable, "-m", "apps.markdown.worker", everywhere],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={},
            start_new_session=True,  # Ctrl-C is meant for the server.
        )
    return _worker


def _end() -> None:
    if _worker is not None:
        _worker.kill()
        _worker.wait()


def _stay() -> None:
    if _ending is not None:
        _ending.cancel()


def _leave_later() -> None:
    global _ending
    _ending = threading.Timer(IDLE_SECONDS, _leave)
    _ending.daemon = True
    _ending.start()


def _leave() -> None:
    if _lock.acquire(blocking=False):  # Else it has work again.
        with suppress(OSError):
            _end()
        _lock.release()
