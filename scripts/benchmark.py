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
import html
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")  # Of a process's CPU time, a second.
# A piece: its number, and the nanosecond it was sent at. A nonce may spell the like of "w0t8".
WORD = re.compile(rb"\bw(\d+)t(\d{9,})\b")
PROBE_SECONDS = 0.25  # Often enough to see how a page fares, seldom enough not to be the load.
TOKEN = "a" * 32  # A CSRF token that all people share.


# The upstream.


async def upstream(pieces: int, gap: float, port: int) -> None:
    """Answer every chat request with a reply in pieces, each on its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return  # Someone looked whether the port is open.
        size = re.search(rb"content-length: (\d+)", head.lower())
        await reader.readexactly(int(size[1]) if size else 0)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        started = time.monotonic()
        for number in range(pieces):
            await asyncio.sleep(started + (number + 1) * gap - time.monotonic())
            text = f"w{number}t{time.monotonic_ns()} " + ("\n\n" if number % 20 == 19 else "")
            write_chunk(writer, {"choices": [{"delta": {"content": text}}]})
            await writer.drain()
        write_chunk(writer, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


def write_chunk(writer: asyncio.StreamWriter, data: dict[str, object]) -> None:
    event = b"data: %s\n\n" % json.dumps(data).encode()
    writer.write(b"%x\r\n%s\r\n" % (len(event), event))


# The clients.


async def fetch(port: int, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(request)
    return reader, writer


async def read_directly(port: int) -> float:
    """Read one reply from the upstream; return the seconds that its first word was late."""
    request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    reader, writer = await fetch(port, request)
    late = await follow_words(reader, b"[DONE]")
    writer.close()
    return late[0]


async def follow_words(reader: asyncio.StreamReader, end: bytes) -> list[float]:
    """Read until the end; return the seconds that the first word of each read was late."""
    late: list[float] = []
    seen = b""
    while end not in seen:
        read = await reader.read(1 << 16)
        if not read:
            raise EOFError
        now = time.monotonic_ns()
        if word := WORD.search(read):
            late.append((now - int(word[2])) / 1e9)
        seen = seen[-100:] + read
    return late


def request(method: str, path: str, session: str, body: str = "", headers: str = "") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nHX-Request: true\r\n"
        f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\n{headers}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


async def load_page(port: int, path: str, session: str) -> float:
    started = time.monotonic()
    reader, writer = await fetch(port, request("GET", path, session))
    page = await reader.read(-1)
    writer.close()
    if b" 200 " not in page[:20]:
        raise ValueError(page[:200])
    return time.monotonic() - started


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
    body = f"message=Hello&csrfmiddlewaretoken={TOKEN}"
    reader, writer = await fetch(port, request("POST", "/chat/new/", session, body))
    page = (await reader.read(-1)).decode()
    writer.close()
    posted = time.monotonic() - started
    stream = re.search(r'hx-sse:connect="([^"]*)"', page)
    if stream is None:
        raise ValueError(page[:500])
    reader, writer = await fetch(port, request("GET", html.unescape(stream[1]), session))
    late = await follow_words(reader, b"event: done")
    writer.close()
    path = stream[1].split("stream")[0]
    reader, writer = await fetch(port, request("GET", path, session))
    final = await reader.read(-1)
    writer.close()
    words = [int(number) for number, _ in WORD.findall(final)]
    whole = words == list(range(pieces)) and b'data-state="done"' in final
    return Seen(posted, late[0], statistics.median(late), whole)


async def probe(port: int, session: str, done: asyncio.Event) -> list[float]:
    """Load the list of conversations again and again while the replies are written."""
    times: list[float] = []
    while not done.is_set():
        times.append(await load_page(port, "/chat/", session))
        await asyncio.sleep(PROBE_SECONDS)
    return times


# The run.


def make_people(count: int) -> list[str]:
    """Make people, each with some conversations, and return the keys of their sessions."""
    import django

    django.setup()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from apps.chat.models import Conversation
    from apps.users.models import User

    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = []
    for number in range(count):
        user = User.objects.create(username=f"person{number}", password="!")
        titles = [f"Conversation {other}" for other in range(30)]
        Conversation.objects.bulk_create(Conversation(user=user, title=title) for title in titles)
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys.append(session.session_key)
    return keys


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int) -> None:
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


def start(stack: ExitStack, *command: str, log: IO[str] | None = None) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGTERM)
    return process


async def measure(
    arguments: argparse.Namespace, ports: tuple[int, int], pids: dict[str, int]
) -> None:
    upstream_port, port = ports
    sessions = arguments.sessions
    for name, pid in pids.items():
        print(f"{name}, idle{'':{11 - len(name)}}{megabytes(pid):7.0f} MB")
    readers = [read_directly(upstream_port) for _ in range(arguments.replies)]
    direct = await asyncio.gather(*readers)
    print(f"direct, first    {statistics.median(direct) * 1000:7.1f} ms late (median)")
    await chat(port, sessions[-1], arguments.pieces)  # The first is slower than all others.
    before, done = {name: cpu_seconds(pid) for name, pid in pids.items()}, asyncio.Event()
    probing = asyncio.create_task(probe(port, sessions[0], done))
    people = sessions[: arguments.replies]
    chats = await asyncio.gather(
        *(chat(port, session, arguments.pieces) for session in people), return_exceptions=True
    )
    done.set()
    used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    times = sorted(await probing)
    report(arguments, chats, times)
    pieces = arguments.replies * arguments.pieces
    for name, pid in pids.items():
        seconds = f"{used[name] / pieces * 1000:7.3f} s of CPU for 1,000 pieces"
        print(f"{name:17}{seconds}, {megabytes(pid):.0f} MB after")


def report(
    arguments: argparse.Namespace,
    chats: list[Seen | BaseException],
    times: list[float],
) -> None:
    seen = [one for one in chats if isinstance(one, Seen)]
    errors = [one for one in chats if not isinstance(one, Seen)]
    print(
        f"whole and right  {sum(one.whole for one in seen):7d} of {len(chats)} {errors[:1] or ''}"
    )
    print(f"sent after       {statistics.median(one.posted for one in seen) * 1000:7.1f} ms")
    print(f"first word       {statistics.median(one.first for one in seen) * 1000:7.1f} ms late")
    print(f"later words      {statistics.median(one.later for one in seen) * 1000:7.1f} ms late")
    print(f"list, 95 %       {times[int(len(times) * 0.95)] * 1000:7.1f} ms ({len(times)} loads)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replies", type=int, default=300)
    parser.add_argument("--pieces", type=int, default=200)
    parser.add_argument("--gap", type=float, default=0.02, help="seconds between pieces")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--upstream", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.upstream:
        asyncio.run(upstream(arguments.pieces, arguments.gap, arguments.upstream))
        return
    sys.path.insert(0, str(ROOT))
    with ExitStack() as stack:
        run(arguments, stack)


def run(arguments: argparse.Namespace, stack: ExitStack) -> None:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    upstream_port, port = free_port(), free_port()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "SECRET_KEY": "benchmark" * 8,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "STATIC_ROOT": f"{folder}/static",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream_port}/v1",
        "CHAT_DEFAULT_MODEL": "benchmark",
        "CHAT_MODELS": "benchmark",
        "CHAT_THREADS": str(arguments.replies + 10),
        "LOG_LEVEL": "WARNING",
        "PORT": str(port),
    }
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    arguments.sessions = make_people(arguments.replies + 1)
    sizes = [f"--pieces={arguments.pieces}", f"--gap={arguments.gap}"]
    script = [sys.executable, "scripts/benchmark.py"]
    start(stack, *script, f"--upstream={upstream_port}", *sizes)
    gunicorn = ["-m", "gunicorn", "-c", "site_config/gunicorn.py", "site_config.asgi:application"]
    pids = start_workers(arguments.workers, stack)
    pids["server"] = start(stack, sys.executable, *gunicorn).pid
    wait_for(upstream_port)
    wait_for(port)
    time.sleep(3)  # Until what starts beside the server is done.
    asyncio.run(measure(arguments, (upstream_port, port), pids))


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
