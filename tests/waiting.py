"""What tests that start processes need."""

import os
import socket
import time
from contextlib import suppress
from itertools import count, islice
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 60  # Seconds after which a test that would hang fails instead.

FIRST_PORT, PORTS = 20_000, 1_000  # So many ports for each process of pytest-xdist.
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 12
_numbers = count(os.getpid() * 97)  # Other tests may run on this machine at the same time.


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
    """Return a port that nobody has, nor gets before it is used.

    It lies below those that the system gives to whoever asks for any, and apart from those of the
    other processes of these tests; so a server that was stopped can be started on it again, too.
    """
    for number in islice(_numbers, PORTS):
        port = FIRST_PORT + PORTS * PROCESS + number % PORTS
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("All ports are taken")
