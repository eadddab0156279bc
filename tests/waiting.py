"""What tests that start processes need."""

import socket
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 30  # Seconds after which a test that would hang fails instead.


def wait_until(test, describe=lambda: "", patience=PATIENCE):
    """Wait until the test holds, and return what it returned."""
    deadline = time.monotonic() + patience
    while not (result := test()):
        assert time.monotonic() < deadline, f"It never happened: {describe()}"
        time.sleep(0.02)
    return result


def assert_quick(measure, seconds, times=5):
    """Measure until it took less than so many seconds: a busy machine may spoil some times."""
    took = []
    while not took or took[-1] >= seconds:
        assert len(took) < times, f"It took {took} seconds"
        took.append(measure())


def seconds_of(work):
    """Do it; return the seconds that it took."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
