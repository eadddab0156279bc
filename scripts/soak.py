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
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from load_test.processes import free_port, megabytes, processes, start, wait_for
from load_test.server import make_people, prepare, serve
from load_test.unlucky_person import GOOD, MODELS, Tally, UnluckyPerson

GROWTH = 1.1  # Of memory, that is still called flat.


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


async def use(
    wanted: argparse.Namespace, port: int, sessions: list[str], pid: int, log: Path
) -> Tally:
    """Let people live until there are enough replies, or the time is over."""
    tally = Tally()
    beside = [
        asyncio.create_task(watch(tally, pid, log)),
        asyncio.create_task(kill_now_and_then(tally, pid, wanted.kill)),
    ]
    people = [asyncio.create_task(UnluckyPerson(port, key, tally).live()) for key in sessions]
    ends = time.monotonic() + wanted.minutes * 60
    while tally.done["replies"] < wanted.replies and time.monotonic() < ends:
        await asyncio.sleep(1)
    tally.is_over.set()
    await asyncio.gather(*beside, *people)
    return tally


def try_again(port: int, sessions: list[str]) -> bool:
    """Press Try again where a good model was interrupted; return whether all ended well."""
    from apps.chat.models import Message

    wait_until_quiet(Message)
    interrupted = Message.objects.filter(state="interrupted", model__in=GOOD)
    about = list(interrupted.values_list("pk", "parent", "conversation__user__username"))
    for pk, _, name in about:
        person = UnluckyPerson(port, sessions[int(name.removeprefix("person"))], Tally())
        asyncio.run(person.post(f"/chat/messages/{pk}/again/"))
    wait_until_quiet(Message)
    questions = {question for _, question, _ in about}
    done = Message.objects.filter(parent__in=questions, state="done").values("parent").distinct()
    print(f"interrupted: {len(questions)}, done when tried again: {done.count()}")
    return done.count() == len(questions)


def count(log: Path, tally: Tally) -> bool:
    """Print what the database holds; return whether nothing was lost."""
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
    wanted = parser.parse_args()
    with ExitStack() as stack:
        sys.exit(0 if run(wanted, stack) else 1)


def run(wanted: argparse.Namespace, stack: ExitStack) -> bool:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    demo_port, port = free_port(), free_port()
    prepare(
        folder,
        port,
        demo_port,
        CHAT_MODELS=",".join(MODELS),
        CHAT_MESSAGES_PER_MINUTE="0",
        CHAT_REPLIES_AT_ONCE="0",
    )
    sessions = make_people(wanted.people)
    demo = ["-m", "scripts.demo_openai", f"--port={demo_port}", "--scale=0.1"]
    start(stack, sys.executable, *demo)
    wait_for(demo_port)
    log = folder / "log"
    with log.open("w") as file:
        pid = serve(stack, port, file)
    tally = asyncio.run(use(wanted, port, sessions, pid, log))
    return try_again(port, sessions) & count(log, tally)


if __name__ == "__main__":
    main()
