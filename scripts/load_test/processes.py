"""Processes: starting them, and what they use."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")  # Of a process's CPU time, a second.


def start(stack: ExitStack, *command: str, log: IO[str] | None = None) -> subprocess.Popen[bytes]:
    """Start a process that ends, by SIGTERM, with the stack."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGTERM)
    return process


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until somebody listens; raise TimeoutError after 15 seconds."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError


def processes(pid: int) -> list[int]:
    """Return the process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def cpu_seconds(pid: int) -> float:
    return sum(
        sum(int(ticks) for ticks in Path(f"/proc/{one}/stat").read_text().split()[13:15]) / TICKS
        for one in processes(pid)
    )


def megabytes(pid: int) -> float:
    """Return the proportional set size: what processes share counts once."""
    rollups = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in processes(pid)]
    return sum(int(re.search(r"^Pss: +(\d+)", text, re.M)[1]) for text in rollups) / 1024
