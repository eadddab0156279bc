"""Processes and connections that end without a word, at any moment."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.databases import make_database
from tests.live_server import PATIENCE, ROOT, ParlorServer, read_rest, read_until
from tests.page import Page

SECRET = "test-" * 12


@pytest.fixture
def database(tmp_path):
    database = make_database(tmp_path)
    database.create()
    yield database
    database.drop()


def run(database, *command, **environment):
    env = {
        **os.environ,
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database.url,
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        **environment,
    }
    return subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )


def migrate(database):
    return run(database, "manage.py", "migrate")


def ended(process):
    """Wait until it has ended; return its status."""
    process.communicate(timeout=PATIENCE * 4)
    return process.returncode


def read_until_begun(process, count):
    """Read what it prints until so many migrations have begun, or all have ended."""
    printed = ""
    while printed.count("Applying") < count and (letter := process.stdout.read(1)):
        printed += letter


@pytest.mark.any_engine
@pytest.mark.row("O-087")
def test_what_was_accepted_survives_a_hundred_kills(database):
    assert ended(migrate(database)) == 0
    settings = {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "ALLOWED_HOSTS": "testserver",
        "CHAT_DEFAULT_MODEL": "nobody-answers",
        "CHAT_MESSAGES_PER_MINUTE": "0",
        "CHAT_REPLIES_AT_ONCE": "0",
        "LOG_LEVEL": "CRITICAL",
    }
    writer = run(database, "-m", "tests.chat.crash", "100", **settings)
    accepted = writer.communicate(timeout=PATIENCE * 4)[0].split()
    assert writer.returncode == 0
    assert len(accepted) >= 100
    rows = database.query("SELECT content FROM chat_message WHERE role = 'user'")
    assert {content for (content,) in rows} >= set(accepted)
    lonely = (
        "SELECT count(*) FROM chat_message question WHERE role = 'user'"
        " AND NOT EXISTS (SELECT 1 FROM chat_message WHERE parent_id = question.id)"
    )
    assert database.query(lonely) == [(0,)]
    if database.url.startswith("sqlite"):
        assert database.query("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.any_engine
@pytest.mark.row("O-121")
def test_a_migration_that_is_killed_is_finished_by_the_next(database):
    for count, seconds in ((1, 0.0), (2, 0.01), (4, 0.02), (8, 0.03), (16, 0.04)):
        migration = migrate(database)
        read_until_begun(migration, count)
        try:
            migration.wait(seconds)
        except subprocess.TimeoutExpired:
            migration.kill()
            migration.wait()
    assert ended(migrate(database)) == 0
    assert ended(run(database, "manage.py", "migrate", "--check")) == 0
    assert database.query("SELECT count(*) FROM chat_message") == [(0,)]


# Ends as if killed just before Django notes that the migration is done.
DYING = """
import os, django
django.setup()
from django.core.management import call_command
from django.db.migrations.executor import MigrationExecutor
record = MigrationExecutor.record_migration
def record_or_die(executor, migration):
    if str(migration) == "{name}":
        os._exit(9)
    record(executor, migration)
MigrationExecutor.record_migration = record_or_die
call_command("migrate", verbosity=0)
"""


@pytest.mark.any_engine
@pytest.mark.row("O-121")
def test_a_migration_is_never_done_without_being_noted(database):
    for name in ("auth.0001_initial", "chat.0001_initial", "chat.0005_search"):
        assert ended(run(database, "-c", DYING.format(name=name))) == 9
    assert ended(migrate(database)) == 0
    assert ended(run(database, "manage.py", "migrate", "--check")) == 0


@pytest.mark.row("O-085")
def test_a_reply_survives_the_loss_of_all_connections(tmp_path):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is a file: there is no connection to lose.")
    with ParlorServer(tmp_path, pace=0.01) as server:
        ada = server.person("ada")
        growing = ada.ask("100 words, please")
        html = read_until(growing, "You wrote")
        server.database.terminate_connections()
        message = Page(html + read_rest(growing)).messages[-1]
        assert message.state == "done"
        assert ada.get("/chat/")
        assert ada.status == 200
        assert Page(read_rest(ada.ask("Is it over?"))).messages[-1].state == "done"
