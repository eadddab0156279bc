"""The pool: so many threads, so many jobs that wait, and turns between people."""

import threading

import pytest
from django.db import connection

from apps.jobs import thread_pool
from apps.jobs.registry import QueueFull
from apps.jobs.thread_pool import FairPool, PoolClosed
from tests.live_server import PATIENCE, wait_until


class Jobs:
    """Jobs that go on until they, or all, are let go, and what has run, in its order."""

    def __init__(self, pool):
        self.pool = pool
        self.go = threading.Event()
        self.started = []
        self.ended = []

    def add(self, owner, name, go=None):
        self.pool.submit(owner, self.run, name, go or self.go)

    def run(self, name, go):
        self.started.append(name)
        go.wait(PATIENCE)
        self.ended.append(name)

    def let_go(self):
        self.go.set()
        wait_until(lambda: self.pool.load == (0, 0))


@pytest.fixture
def start():
    """Return a function that makes a pool; its threads end with the test."""
    made = []

    def make(threads, queue_limit=100):
        jobs = Jobs(FairPool(threads, queue_limit))
        made.append(jobs)
        return jobs

    yield make
    for jobs in made:
        jobs.go.set()
        jobs.pool.drain(PATIENCE)


def test_as_many_jobs_run_at_once_as_there_are_threads(start):
    jobs = start(threads=3)
    for number in range(8):
        jobs.add("ada", number)
    wait_until(lambda: len(jobs.started) == 3)
    assert jobs.pool.load == (3, 5)
    jobs.let_go()
    assert sorted(jobs.ended) == list(range(8))


def test_threads_are_started_only_when_needed(start):
    jobs = start(threads=50)
    assert threads_of(jobs.pool) == []
    jobs.go.set()
    for number in range(5):
        jobs.add("ada", number)
        wait_until(lambda: jobs.pool.load == (0, 0))
    assert 1 <= len(threads_of(jobs.pool)) <= 5


def threads_of(pool):
    """List the threads of this pool alone: those of others come and go."""
    targets = [getattr(thread, "_target", None) for thread in threading.enumerate()]
    return [target for target in targets if target == pool._work]


def test_one_person_is_served_in_order(start):
    jobs = start(threads=1)
    for number in range(5):
        jobs.add("ada", number)
    jobs.let_go()
    assert jobs.started == [0, 1, 2, 3, 4]


@pytest.mark.row("O-091")
def test_who_asks_for_one_thing_goes_before_who_asks_for_ten(start):
    jobs = start(threads=1)
    for number in range(10):
        jobs.add("ada", f"ada {number}")
    wait_until(lambda: jobs.started)
    jobs.add("bob", "bob")
    jobs.let_go()
    assert jobs.started[:2] == ["ada 0", "bob"]


@pytest.mark.row("O-091")
def test_people_take_turns(start):
    jobs = start(threads=1)
    for number in range(3):
        for owner in "ada", "bob", "eve":
            jobs.add(owner, f"{owner} {number}")
    jobs.let_go()
    assert jobs.started == [f"{owner} {n}" for n in range(3) for owner in ("ada", "bob", "eve")]


@pytest.mark.row("O-091")
def test_who_holds_all_threads_gets_the_next_one_last(start):
    jobs = start(threads=2)
    gates = [threading.Event(), threading.Event(), None, None]
    for number, gate in enumerate(gates):
        jobs.add("ada", f"ada {number}", gate)
    wait_until(lambda: len(jobs.started) == 2)
    jobs.add("bob", "bob 0")
    jobs.add("eve", "eve 0")
    gates[0].set()
    wait_until(lambda: len(jobs.started) == 3)
    gates[1].set()
    wait_until(lambda: len(jobs.started) == 4)
    jobs.let_go()
    assert jobs.started[2:4] == ["bob 0", "eve 0"]


@pytest.mark.row("O-090")
def test_no_more_wait_than_may(start):
    jobs = start(threads=2, queue_limit=3)
    for number in range(5):
        jobs.add("ada", number)
    with pytest.raises(QueueFull):
        jobs.add("bob", "one too many")
    jobs.let_go()
    jobs.add("bob", "now there is room")
    wait_until(lambda: "now there is room" in jobs.ended)


def test_a_pool_without_a_queue_takes_what_it_can_run(start):
    jobs = start(threads=1, queue_limit=0)
    jobs.add("ada", 1)
    with pytest.raises(QueueFull):
        jobs.add("ada", 2)
    jobs.let_go()
    assert jobs.ended == [1]


def test_a_job_that_fails_is_logged_and_takes_no_thread_with_it(start, caplog):
    def fail(word):
        raise ZeroDivisionError

    jobs = start(threads=1)
    jobs.pool.submit("ada", fail, "argument")
    jobs.go.set()
    jobs.add("ada", "next")
    jobs.let_go()
    assert jobs.ended == ["next"]
    assert len([record for record in caplog.records if record.name == thread_pool.__name__]) == 1
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_job_leaves_no_connection_to_the_database(start):
    """I10"""
    seen = []

    def query():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    jobs = start(threads=1)
    jobs.pool.submit("ada", query)
    jobs.pool.submit("ada", lambda: seen.append(connection.connection))
    wait_until(lambda: seen)
    assert seen == [None]


@pytest.mark.row("O-081")
def test_a_drained_pool_takes_nothing_more(start):
    jobs = start(threads=1)
    jobs.pool.drain(0)
    assert not jobs.pool.is_open
    with pytest.raises(PoolClosed):
        jobs.add("ada", "late")


def test_draining_waits_for_what_runs_and_drops_what_waits(start):
    jobs = start(threads=1)
    jobs.add("ada", "runs")
    jobs.add("ada", "waits")
    wait_until(lambda: jobs.started)
    drained = threading.Thread(target=jobs.pool.drain, args=[PATIENCE])
    drained.start()
    wait_until(lambda: not jobs.pool.is_open)
    assert drained.is_alive()
    jobs.go.set()
    drained.join(PATIENCE)
    assert jobs.ended == ["runs"]
    assert jobs.started == ["runs"]


def test_draining_does_not_wait_for_ever(start):
    jobs = start(threads=1)
    jobs.add("ada", "endless")
    wait_until(lambda: jobs.started)
    jobs.pool.drain(0.01)
    assert jobs.ended == []


def test_thousands_of_jobs_are_all_done(start):
    jobs = start(threads=8, queue_limit=5_000)
    jobs.go.set()
    for number in range(2_000):
        jobs.add(number % 7, number)
    jobs.let_go()
    assert sorted(jobs.ended) == list(range(2_000))
    assert not jobs.pool._owners


def test_a_process_has_one_pool(settings, monkeypatch):
    monkeypatch.setattr(thread_pool, "_pool", None)
    settings.CHAT_THREADS, settings.CHAT_QUEUE_LIMIT = 2, 0
    assert thread_pool.pool() is thread_pool.pool()
    thread_pool.pool().drain(0)
