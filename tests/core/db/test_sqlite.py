"""Connections to SQLite that are closed wait for the next who opens one."""

import threading
from sqlite3 import ProgrammingError

import pytest
from django.db import OperationalError, connection, connections

from apps.core.db.durability import synced_later
from apps.core.db.sqlite.base import forget_idle

FULL, NORMAL = 2, 1  # Of PRAGMA synchronous.


@pytest.fixture
def database(db, tmp_path):
    """A function that makes wrappers for one database, as each thread has one."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's connections are in the pool of its driver.")
    wrappers = []

    def open_one(**options):
        wrapper = connection.copy()
        wrapper.settings_dict["NAME"] = str(tmp_path / "other.sqlite3")
        wrapper.settings_dict["OPTIONS"] |= {"synchronous": "FULL", "max_idle": 2, **options}
        wrapper.ensure_connection()
        wrappers.append(wrapper)
        return wrapper

    yield open_one
    for wrapper in wrappers:
        wrapper.close()


def run(wrapper, sql):
    with wrapper.cursor() as cursor:
        return (cursor.execute(sql).fetchone() or [None])[0]


def test_a_connection_is_used_again(database):
    first = database()
    raw = first.connection
    first.close()
    opened = []
    thread = threading.Thread(target=lambda: opened.append(database()))
    thread.start()
    thread.join()
    assert opened[0].connection is raw
    opened[0].inc_thread_sharing()  # It is closed in this thread.
    assert run(opened[0], "SELECT 1") == 1


def test_no_two_have_the_same(database):
    first, second = database(), database()
    assert first.connection is not second.connection


def test_no_more_stay_than_may(database):
    wrappers = [database() for _ in range(3)]
    raw = [wrapper.connection for wrapper in wrappers]
    for wrapper in wrappers:
        wrapper.close()
    again = [database().connection for _ in range(3)]
    assert sum(connection in raw for connection in again) == 2


def test_one_with_half_a_transaction_is_not_used_again(database):
    first = database()
    run(first, "CREATE TABLE things (name)")
    raw = first.connection
    first.set_autocommit(False)
    run(first, "BEGIN IMMEDIATE")
    run(first, "INSERT INTO things VALUES ('half')")
    first.close()
    second = database()
    assert second.connection is not raw
    assert run(second, "SELECT count(*) FROM things") == 0


def test_one_that_was_half_read_shows_what_is_new(database):
    first = database()
    run(first, "CREATE TABLE things (name)")
    for _ in range(3):
        run(first, "INSERT INTO things VALUES ('old')")
    half_read = first.chunked_cursor()
    half_read.execute("SELECT * FROM things")
    half_read.fetchone()
    first.close()
    other = database(max_idle=0)
    run(other, "INSERT INTO things VALUES ('new')")
    again = database()
    assert run(again, "SELECT count(*) FROM things") == 4
    run(again, "INSERT INTO things VALUES ('newer')")


def test_one_that_has_failed_is_not_used_again(database):
    """It may know the file as one that only reads, or that is not there."""
    first = database()
    raw = first.connection
    with pytest.raises(OperationalError):
        run(first, "SELECT * FROM nothing")
    first.close_if_unusable_or_obsolete()
    assert database().connection is not raw


def test_one_that_has_failed_in_a_transaction_is_not_used_again(database):
    """Django takes it for sound when it could roll back."""
    first = database()
    raw = first.connection
    first.set_autocommit(False)
    with pytest.raises(OperationalError):
        run(first, "SELECT * FROM nothing")
    first.rollback()
    first.set_autocommit(True)
    first.close()
    assert database().connection is not raw


def test_none_that_was_left_outlives_a_file_that_is_replaced(database):
    first = database()
    raw = first.connection
    first.close()
    forget_idle()
    assert database().connection is not raw
    with pytest.raises(ProgrammingError):
        raw.execute("SELECT 1")  # It is closed.


def test_a_probe_takes_none_and_leaves_none(database):
    first = database()
    raw = first.connection
    first.close()
    probe = database(max_idle=0)
    assert probe.connection is not raw
    probe.close()
    assert database().connection is raw


def test_what_may_wait_for_the_disk_makes_nothing_else_wait(database):
    first = database()
    assert run(first, "PRAGMA synchronous") == FULL
    first.sync_later(True)
    assert run(first, "PRAGMA synchronous") == NORMAL
    first.close()
    first.ensure_connection()  # The same thread goes on.
    assert run(first, "PRAGMA synchronous") == NORMAL
    first.close()
    assert run(database(), "PRAGMA synchronous") == FULL
    first.sync_later(False)
    assert run(first, "PRAGMA synchronous") == FULL


def test_commits_wait_for_the_disk_again_afterwards(database, monkeypatch):
    said = []
    monkeypatch.setattr(connections["default"], "sync_later", said.append)

    @synced_later()
    def fail():
        assert said == [True]
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert said == [True, False]
