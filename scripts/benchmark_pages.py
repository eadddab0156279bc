#!/usr/bin/env python3
"""Measure how long the server takes for its pages in a database that scripts/populate.py filled.

    DATABASE_URL=sqlite:////tmp/large.sqlite3 scripts/benchmark_pages.py [--people 20]

Each page is asked for by several people, in this process, through all of Django; the first request
of all is not counted. Prints the median and the worst time; the mean time of the processor, here
and in a PostgreSQL of this machine, which a busy machine does not lengthen; and the most queries
that a page took.
"""

import argparse
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.chat.models import Message
from apps.users.models import User

LIMIT = 100  # Milliseconds.
TICKS = os.sysconf("SC_CLK_TCK")  # Of a process's CPU time, a second.

# Pages that are the same for all people.
PATHS = {
    "list": "/chat/",
    "list, page 2": "/chat/?page=2",
    "archive": "/chat/archive/",
    "trash": "/chat/trash/",
    "search: rare word": "/chat/search/?q=needle",
    "search: common word": "/chat/search/?q=water",
    "search: two words": "/chat/search/?q=water+bridge",
    "search: beginning": "/chat/search/?q=wa",
    "search: phrase": "/chat/search/?q=%22water+bridge%22",
    "search: no hit": "/chat/search/?q=nothing+water",
    "search: page 2": "/chat/search/?q=water&before={middle}",
}


def make_pages(user: User) -> dict[str, str]:
    """Return the addresses to ask for as this person."""
    newest = user.conversations.newest_first()[0]
    pages = {name: path.format(middle=newest.tip_id) for name, path in PATHS.items()}
    pages["open"] = newest.get_absolute_url()
    pages["open, earlier messages"] = f"{newest.get_absolute_url()}?before={newest.tip_id - 20}"
    return pages


@dataclass
class Measured:
    """Of one request: milliseconds by the clock and of the processor, and queries."""

    time: float
    cpu: float
    queries: int


def cpu_seconds() -> float:
    """Return the seconds of the processor used by this process and by those of PostgreSQL."""
    seconds = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            for (pid,) in cursor.fetchall():
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                seconds += (int(stat[11]) + int(stat[12])) / TICKS
    return seconds


def measure(ask: Callable[[], None]) -> Measured:
    cpu_started, started = cpu_seconds(), time.perf_counter()
    ask()
    took, cpu = time.perf_counter() - started, cpu_seconds() - cpu_started
    with CaptureQueriesContext(connection) as queries:
        ask()
    return Measured(took * 1000, cpu * 1000, len(queries))


def ask(client: Client, path: str) -> None:
    response = client.get(path)
    if response.status_code != 200:
        sys.exit(f"{path}: {response.status_code}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=20)
    wanted = parser.parse_args()
    logging.disable(logging.INFO)
    settings.ALLOWED_HOSTS = ["testserver"]
    results: dict[str, list[Measured]] = {}
    for user in User.objects.order_by("-pk")[: wanted.people]:
        client = Client()
        client.force_login(user)
        if not results:
            ask(client, "/chat/")
        for name, path in make_pages(user).items():
            page = measure(lambda path=path, client=client: ask(client, path))
            results.setdefault(name, []).append(page)
    report(results)


def report(results: dict[str, list[Measured]]) -> None:
    messages = Message.objects.count()
    print(f"{connection.vendor}, {messages:,} messages of {User.objects.count()} people")
    print(f"{'page':24} {'median':>9} {'worst':>9} {'CPU':>9} {'queries':>8}")
    for name, measured in results.items():
        times = [one.time for one in measured]
        cpu = statistics.mean(one.cpu for one in measured)
        median, most = statistics.median(times), max(one.queries for one in measured)
        slow = "  too slow" if median > LIMIT else ""
        print(f"{name:24} {median:6.1f} ms {max(times):6.1f} ms {cpu:6.1f} ms {most:8}{slow}")


if __name__ == "__main__":
    main()
