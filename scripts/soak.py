#!/usr/bin/env python3
"""Use Parlor for an hour as people with bad luck do: nothing may be lost, and nothing may grow.

    scripts/soak.py [--replies 20000] [--minutes 60] [--people 40] [--kill 0]

People send messages to models of the demo server of which every third has a fault, follow the
replies, leave in the middle, press Stop, regenerate, look at lists and search; with --kill every so
many seconds one of the processes that serve is killed with SIGKILL (set WEB_CONCURRENCY). Prints
memory, threads and open files as it goes; at the end it counts, in the database, messages without a
reply, replies that are still in progress and those of each outcome, and what the log holds of
errors; and what was interrupted is tried again. Ends with 1 if something was lost, or memory grew
by more than a tenth. DATABASE_URL and REDIS_URL may name others than an SQLite file of its own and
none.
"""

import argparse
import asyncio
import html
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmark import (
    ROOT,
    TOKEN,
    fetch,
    free_port,
    load_page,
    make_people,
    megabytes,
    processes,
    request,
    start,
    wait_for,
)

GOOD = ["parlor-demo", "parlor-demo-mini", "parlor-demo-thinking"]
FAULTS = [
    *("500", "500-twice", "502-html", "429-bare", "quota", "context", "policy", "401-key", "close"),
    *("cut", "reset", "no-finish", "broken-json", "error-in-stream", "error-first", "stall"),
    *("empty-choices", "odd-chunks", "pause", "no-usage"),
]
MODELS = GOOD + [f"fault-{name}" for name in FAULTS]
PAGES = ["/chat/", "/chat/search/?q=demo", "/chat/usage/", "/gallery/", "/chat/new/"]
PATIENCE = 30  # Seconds that a page may take.
GROWTH = 1.1  # Of memory, that is still called flat.


@dataclass
class Tally:
    """What people have done."""

    done: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class Person:
    """Somebody with a session, and no patience."""

    def __init__(self, port: int, session: str, tally: Tally) -> None:
        self.port, self.session, self.tally = port, session, tally
        self.luck = random.Random(session)

    async def live(self) -> None:
        while not self.tally.is_over.is_set():
            try:
                await asyncio.wait_for(self.act(), PATIENCE * 3)
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.tally.done[f"not answered: {type(error).__name__}"] += 1
                await asyncio.sleep(1)

    async def act(self) -> None:
        if self.luck.random() < 0.2:
            await load_page(self.port, self.luck.choice(PAGES), self.session)
            self.tally.done["pages"] += 1
            return
        is_good = self.luck.random() < 0.67
        model = self.luck.choice(GOOD if is_good else MODELS[len(GOOD) :])
        page = await self.post("/chat/new/", f"message=A+list,+please&model={model}")
        if reply := re.search(r"/chat/messages/(\d+)/stream/", page):
            self.tally.done["replies"] += 1
            await self.follow(html.unescape(stream_of(page)), int(reply[1]))

    async def follow(self, stream: str, reply: int) -> None:
        whim = self.luck.random()
        if whim < 0.1:
            return  # The tab is closed.
        if whim < 0.2:
            await asyncio.sleep(self.luck.random())
            await self.post(f"/chat/messages/{reply}/stop/")
            self.tally.done["stops"] += 1
            return
        await self.read(stream)
        if whim < 0.3:
            await self.post(f"/chat/messages/{reply}/again/")
            self.tally.done["regenerated"] += 1

    async def post(self, path: str, body: str = "") -> str:
        body = f"{body}&csrfmiddlewaretoken={TOKEN}"
        reader, writer = await fetch(self.port, request("POST", path, self.session, body))
        page = (await reader.read(-1)).decode()
        writer.close()
        status = page.split(" ", 2)[1] if page else "nothing"
        if status >= "500":
            raise ValueError(f"{path}: {status}")
        return page

    async def read(self, stream: str) -> None:
        reader, writer = await fetch(self.port, request("GET", stream, self.session))
        seen = b""
        while b"event: done" not in seen:
            read = await reader.read(1 << 16)
            if not read:
                break  # The process was killed; a page would come back.
            seen = seen[-100:] + read
        writer.close()


def stream_of(page: str) -> str:
    match = re.search(r'hx-sse:connect="([^"]*)"', page)
    if match is None:
        raise ValueError("no stream")
    return match[1]


# The server from outside.


async def watch(tally: Tally, pid: int, log: Path) -> None:
    """Print how much there is of what should not grow."""
    print("  minute  replies   MB  threads  files  errors")
    started = time.monotonic()
    while not tally.is_over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(tally.is_over.wait(), 15)
        with suppress(OSError):  # A process was killed while it was looked at.
            alive = processes(pid)
            tally.memory.append(megabytes(pid))
            threads = sum(count_in(f"/proc/{one}/task") for one in alive)
            files = sum(count_in(f"/proc/{one}/fd") for one in alive)
            minutes = (time.monotonic() - started) / 60
            counts = f"{tally.done['replies']:8d} {tally.memory[-1]:5.0f} {threads:8d} {files:6d}"
            print(f"{minutes:8.1f} {counts} {len(errors_in(log)):7d}", flush=True)


async def kill_now_and_then(tally: Tally, pid: int, seconds: float) -> None:
    while seconds and not tally.is_over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(tally.is_over.wait(), seconds)
        with suppress(OSError, IndexError):
            os.kill(random.choice(processes(pid)[1:]), signal.SIGKILL)
            tally.done["killed"] += 1


def count_in(folder: str) -> int:
    return len(list(Path(folder).iterdir()))


def errors_in(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if " ERROR " in line or line.startswith("Traceback")]


async def use(arguments: argparse.Namespace, port: int, pid: int, log: Path) -> Tally:
    tally = Tally()
    beside = [
        asyncio.create_task(watch(tally, pid, log)),
        asyncio.create_task(kill_now_and_then(tally, pid, arguments.kill)),
    ]
    people = [asyncio.create_task(Person(port, key, tally).live()) for key in arguments.sessions]
    ends = time.monotonic() + arguments.minutes * 60
    while tally.done["replies"] < arguments.replies and time.monotonic() < ends:
        await asyncio.sleep(1)
    tally.is_over.set()
    await asyncio.gather(*beside, *people)
    return tally


# What is left.


def try_again(port: int, sessions: list[str]) -> bool:
    """Press Try again where a good model was interrupted; tell whether all ended well."""
    from apps.chat.models import Message

    wait_until_quiet(Message)
    interrupted = Message.objects.filter(state="interrupted", model__in=GOOD)
    about = list(interrupted.values_list("pk", "parent", "conversation__user__username"))
    for pk, _, name in about:
        person = Person(port, sessions[int(name.removeprefix("person"))], Tally())
        asyncio.run(person.post(f"/chat/messages/{pk}/again/"))
    wait_until_quiet(Message)
    questions = {question for _, question, _ in about}
    done = Message.objects.filter(parent__in=questions, state="done").values("parent").distinct()
    print(f"interrupted: {len(questions)}, done when tried again: {done.count()}")
    return done.count() == len(questions)


def count(log: Path, tally: Tally) -> bool:
    """Print what the database holds; tell whether nothing was lost."""
    from django.db.models import Count

    from apps.chat.models import Message

    outcomes = Message.objects.exclude(state="done", role="user").values_list("state", "error")
    for state, error, number in outcomes.annotate(number=Count("pk")).order_by("-number"):
        print(f"{number:8d} {state} {error}")
    open_ = Message.objects.in_progress().count()
    lone = Message.objects.filter(role="user", children=None).count()
    lines = errors_in(log)
    print(dict(tally.done), *lines[:10], sep="\n")
    quarter = max(1, len(tally.memory) // 4)
    first, last = tally.memory[quarter : 2 * quarter], tally.memory[-quarter:]
    growth = statistics.median(last) / statistics.median(first or last)
    print(f"in progress: {open_}, without a reply: {lone}, errors: {len(lines)}")
    print(f"memory of the last quarter beside the second: {growth:.2f}")
    return not open_ and not lone and not lines and growth <= GROWTH


def wait_until_quiet(messages: type) -> None:
    """Wait until all replies have ended; a lease lasts 30 seconds, the longest fault 60."""
    for _ in range(150):
        if not messages.objects.in_progress().exists():
            return
        time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replies", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--kill", type=float, default=0, help="seconds between two; 0 for never")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with ExitStack() as stack:
        sys.exit(0 if run(arguments, stack) else 1)


def run(arguments: argparse.Namespace, stack: ExitStack) -> bool:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    demo_port, port = free_port(), free_port()
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "SECRET_KEY": "benchmark" * 8,
        "STATIC_ROOT": f"{folder}/static",
        "MEDIA_ROOT": f"{folder}/media",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{demo_port}/v1",
        "CHAT_MODELS": ",".join(MODELS),
        "CHAT_MESSAGES_PER_MINUTE": "0",
        "CHAT_REPLIES_AT_ONCE": "0",
        "PORT": str(port),
    }
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    arguments.sessions = make_people(arguments.people)
    start(stack, sys.executable, "-m", "scripts.demo_openai", f"--port={demo_port}", "--scale=0.1")
    wait_for(demo_port)
    gunicorn = ["-m", "gunicorn", "-c", "site_config/gunicorn.py", "site_config.asgi:application"]
    log = folder / "log"
    with log.open("w") as file:
        server = start(stack, sys.executable, *gunicorn, log=file)
    wait_for(port)
    tally = asyncio.run(use(arguments, port, server.pid, log))
    return try_again(port, arguments.sessions) & count(log, tally)


if __name__ == "__main__":
    main()
