"""A process keeps to one processor, but for what Python does not hold up."""

import asyncio
import os
import sys
import threading
from pathlib import Path

import pytest

from apps.jobs.thread_pool import FairPool
from apps.server import cpu_affinity
from apps.server.request_threads import Lane
from tests.live_server import PATIENCE, ParlorServer, wait_until

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.skipif(sys.platform != "linux", reason="Only there it can be chosen."),
]


@pytest.fixture
def in_a_thread(monkeypatch):
    """Run a function in a thread of its own, for it is threads that keep to processors."""
    monkeypatch.setattr(cpu_affinity, "_allowed", set())
    monkeypatch.setattr(cpu_affinity, "_chosen", set())

    def run(function):
        results = []
        thread = threading.Thread(target=lambda: results.append(function()))
        thread.start()
        thread.join()
        return results[0]

    return run


def of_a_lane(**options):
    async def ask():
        return await Lane(1, **options).run(os.sched_getaffinity, 0)

    return asyncio.run(ask())


def of_a_pool(**options):
    seen, done = [], threading.Event()
    pool = FairPool(threads=1, queue_limit=1, **options)
    pool.submit("ada", lambda: (seen.append(os.sched_getaffinity(0)), done.set()))
    done.wait(PATIENCE)
    pool.drain(PATIENCE)
    return seen[0]


@pytest.mark.parametrize("started_by", [cpu_affinity.keep_to_one, cpu_affinity.use_all])
@pytest.mark.parametrize("threads", [of_a_lane, of_a_pool])
def test_threads_keep_to_it_and_those_with_other_work_do_not(in_a_thread, threads, started_by):
    """Whoever starts them: threads begin where that thread runs."""
    everywhere = os.sched_getaffinity(0)
    one = max(everywhere)

    def keep():
        cpu_affinity.choose(one)
        started_by()
        return threads(), threads(spread=True)

    assert in_a_thread(keep) == ({one}, everywhere)
    assert os.sched_getaffinity(0) == everywhere


def test_a_system_that_forbids_it_chooses_as_ever(in_a_thread, monkeypatch):
    def forbid(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbid)

    def keep():
        cpu_affinity.choose(0)
        return of_a_lane(), of_a_lane(spread=True)

    everywhere = os.sched_getaffinity(0)
    assert in_a_thread(keep) == (everywhere, everywhere)


def test_a_process_that_may_go_anywhere_does(in_a_thread):
    everywhere = os.sched_getaffinity(0)

    def spread():
        cpu_affinity.use_all()
        return os.sched_getaffinity(0)

    assert in_a_thread(spread) == everywhere


def chosen_by_workers(server):
    path = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [os.sched_getaffinity(int(pid)) for pid in path.read_text().split()]


def test_each_worker_has_one_of_its_own(tmp_path):
    everywhere = os.sched_getaffinity(0)
    with ParlorServer(tmp_path, WEB_CONCURRENCY=2) as server:
        # It is up with the first; the second may still be loading.
        wait_until(lambda: [len(each) for each in chosen_by_workers(server)] == [1, 1])
        chosen = chosen_by_workers(server)
        assert os.sched_getaffinity(server.process.pid) == everywhere
    assert len(set.union(*chosen)) == min(2, len(everywhere))


def test_it_is_left_to_the_system_where_that_is_wished(tmp_path):
    everywhere = os.sched_getaffinity(0)
    with ParlorServer(tmp_path, KEEP_TO_ONE_PROCESSOR="false") as server:
        assert chosen_by_workers(server) == [everywhere]
