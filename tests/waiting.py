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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
