#!/usr/bin/env python3
"""Measure Parlor under many replies at once, beside a client that reads the AI service directly.

    scripts/benchmark.py [--replies 300] [--pieces 200] [--gap 0.02] [--workers 0]

Starts an upstream that writes a reply in numbered pieces and notes in each when it was sent, and
Parlor under gunicorn with a database of its own; then as many people as asked for send a message
at once and read their streams. With workers these write the replies, by way of a Redis of their
own, and the server only shows them. Everything runs on this machine, so all clocks are one. Run it
on a quiet machine, with .venv's Python; figures of one run belong together.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from load_test.processes import cpu_seconds, free_port, megabytes, start, wait_for
from load_test.requests import ask, fetch, get, load_page, read_all, stream_of
from load_test.server import make_people, prepare, serve
from load_test.upstream import WORD, follow_words, serve_upstream

PROBE_SECONDS = 0.25  # Often enough to see how a page fares, seldom enough not to be the load.


@dataclass
class Seen:
    """What one person saw: seconds, as medians, and whether all of the reply was there."""

    posted: float
    first: float
    later: float
    whole: bool


async def chat(port: int, session: str, pieces: int) -> Seen:
    """Send a message and follow its reply; return what was seen of it."""
    started = time.monotonic()
    stream = stream_of(await ask(port, session, "message=Hello"))
    posted = time.monotonic() - started
    reader, writer = await fetch(port, get(stream, session))
    late = await follow_words(reader, b"event: done")
    writer.close()
    final = await read_all(port, get(stream.split("stream")[0], session))
    words = [int(number) for number, _ in WORD.findall(final)]
    whole = words == list(range(pieces)) and b'data-state="done"' in final
    return Seen(posted, late[0], statistics.median(late), whole)


async def read_directly(port: int) -> float:
    """Read one reply from the upstream; return the seconds that its first word was late."""
    request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    reader, writer = await fetch(port, request)
    late = await follow_words(reader, b"[DONE]")
    writer.close()
    return late[0]


async def probe(port: int, session: str, done: asyncio.Event) -> list[float]:
    """Load the list of conversations again and again while the replies are written."""
    times: list[float] = []
    while not done.is_set():
        times.append(await load_page(port, "/chat/", session))
        await asyncio.sleep(PROBE_SECONDS)
    return times


async def measure(
    wanted: argparse.Namespace, ports: tuple[int, int], sessions: list[str], pids: dict[str, int]
) -> None:
    upstream_port, port = ports
    for name, pid in pids.items():
        print(f"{name}, idle{'':{11 - len(name)}}{megabytes(pid):7.0f} MB")
    direct = await asyncio.gather(*(read_directly(upstream_port) for _ in range(wanted.replies)))
    print(f"direct, first    {statistics.median(direct) * 1000:7.1f} ms late (median)")
    await chat(port, sessions[-1], wanted.pieces)  # The first is slower than all others.
    before, done = {name: cpu_seconds(pid) for name, pid in pids.items()}, asyncio.Event()
    probing = asyncio.create_task(probe(port, sessions[0], done))
    chats = await asyncio.gather(
        *(chat(port, session, wanted.pieces) for session in sessions[: wanted.replies]),
        return_exceptions=True,
    )
    done.set()
    used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    report_replies(chats, sorted(await probing))
    report_processes(wanted.replies * wanted.pieces, used, pids)


def report_replies(chats: list[Seen | BaseException], times: list[float]) -> None:
    seen = [one for one in chats if isinstance(one, Seen)]
    errors = [one for one in chats if not isinstance(one, Seen)]
    print(
        f"whole and right  {sum(one.whole for one in seen):7d} of {len(chats)} {errors[:1] or ''}"
    )
    print(f"sent after       {statistics.median(one.posted for one in seen) * 1000:7.1f} ms")
    print(f"first word       {statistics.median(one.first for one in seen) * 1000:7.1f} ms late")
    print(f"later words      {statistics.median(one.later for one in seen) * 1000:7.1f} ms late")
    print(f"list, 95 %       {times[int(len(times) * 0.95)] * 1000:7.1f} ms ({len(times)} loads)")


def report_processes(pieces: int, used: dict[str, float], pids: dict[str, int]) -> None:
    for name, pid in pids.items():
        seconds = f"{used[name] / pieces * 1000:7.3f} s of CPU for 1,000 pieces"
        print(f"{name:17}{seconds}, {megabytes(pid):.0f} MB after")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replies", type=int, default=300)
    parser.add_argument("--pieces", type=int, default=200)
    parser.add_argument("--gap", type=float, default=0.02, help="seconds between pieces")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--upstream", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.upstream:
        asyncio.run(serve_upstream(wanted.pieces, wanted.gap, wanted.upstream))
        return
    with ExitStack() as stack:
        run(wanted, stack)


def run(wanted: argparse.Namespace, stack: ExitStack) -> None:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    upstream_port, port = free_port(), free_port()
    prepare(
        folder,
        port,
        upstream_port,
        DATABASE_URL=f"sqlite:///{folder}/db.sqlite3",
        CHAT_DEFAULT_MODEL="benchmark",
        CHAT_MODELS="benchmark",
        CHAT_THREADS=str(wanted.replies + 10),
        LOG_LEVEL="WARNING",
    )
    sessions = make_people(wanted.replies + 1)
    sizes = [f"--pieces={wanted.pieces}", f"--gap={wanted.gap}"]
    start(stack, sys.executable, __file__, f"--upstream={upstream_port}", *sizes)
    pids = start_workers(wanted.workers, stack)
    wait_for(upstream_port)
    pids["server"] = serve(stack, port)
    time.sleep(3)  # Until what starts beside the server is done.
    asyncio.run(measure(wanted, (upstream_port, port), sessions, pids))


def start_workers(count: int, stack: ExitStack) -> dict[str, int]:
    """Start so many, and the Redis between them and the server; return the ids of all."""
    if not count:
        return {}
    port = free_port()
    options = f"--port {port} --bind 127.0.0.1 --appendonly no --logfile /dev/null"
    pids = {"redis": start(stack, "redis-server", *options.split(), "--save", "").pid}
    wait_for(port)
    os.environ |= {
        "CHAT_ENGINE": "celery",
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "PYTHON": sys.executable,
    }
    for number in range(1, count + 1):
        pids[f"worker {number}"] = start(stack, "scripts/worker", "replies").pid
    return pids


if __name__ == "__main__":
    main()
