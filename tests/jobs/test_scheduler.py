"""Periodic tasks: what is due, in which order, and what a failure means for the others."""

import threading

import pytest
from django.db import OperationalError

from apps.jobs.scheduler import DAY, HOUR, Scheduler
from tests.live_server import PATIENCE


class Tasks:
    """Tasks of a scheduler, and the names of those that have run, in their order."""

    def __init__(self):
        self.scheduler = Scheduler()
        self.scheduler.is_limited = lambda: False
        self.ran = []

    def add(self, seconds, name, raises=None, **options):
        def task():
            self.ran.append(name)
            if raises:
                raise raises

        task.__qualname__ = name
        self.scheduler.every(seconds, task, **options)

    def run(self):
        self.ran.clear()
        self.scheduler.run_due()
        return self.ran


@pytest.fixture
def tasks():
    return Tasks()


def test_what_goes_on_to_the_end_comes_first_and_then_what_comes_round_most_often(tasks):
    tasks.add(DAY, "prune")
    tasks.add(5, "recover")
    tasks.add(lambda: 5, "renew", while_stopping=True)
    tasks.add(0, "save", while_stopping=True)
    tasks.add(0, "sync", while_stopping=True)
    assert tasks.run() == ["save", "sync", "renew", "recover", "prune"]


def test_a_task_runs_again_when_its_time_has_passed(tasks):
    tasks.add(HOUR, "tidy")
    tasks.add(0, "save")
    assert tasks.run() == ["save", "tidy"]
    assert tasks.run() == ["save"]


def test_only_what_goes_on_to_the_end_runs_while_the_process_stops(tasks):
    tasks.add(0, "save", while_stopping=True)
    tasks.add(0, "recover")
    tasks.scheduler.is_limited = lambda: True
    assert tasks.run() == ["save"]


def test_a_task_that_fails_keeps_the_others_from_nothing(tasks, caplog):
    tasks.add(0, "save", ZeroDivisionError())
    tasks.add(0, "renew")
    assert tasks.run() == ["save", "renew"]
    assert "save failed" in caplog.text


def test_a_database_that_is_away_is_away_for_all_until_the_next_time(tasks, caplog):
    tasks.add(0, "save", OperationalError())
    tasks.add(HOUR, "tidy")
    assert tasks.run() == ["save"]
    assert "the database is away" in caplog.text
    assert tasks.run() == ["save"]


def test_a_slow_task_runs_in_a_thread_of_its_own(tasks):
    done, thread = threading.Event(), []

    def slow():
        thread.append(threading.current_thread())
        done.set()

    tasks.scheduler.every(HOUR, slow, slow=True)
    tasks.run()
    assert done.wait(PATIENCE)
    assert thread != [threading.current_thread()]
