"""The databases of tests and of their servers: SQLite, or PostgreSQL by TEST_DATABASE_URL."""

import fcntl
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from urllib.parse import urlsplit

from apps.chat.search.words import owned_words
from tests.waiting import PATIENCE, ROOT

_numbers = itertools.count(1)


def make_database(folder):
    """Return a database that does not exist yet; `folder` is where files may lie."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    return Postgres(url) if url.startswith("postgres") else Sqlite(folder)


def template(folder):
    """Return a database with all tables, to be copied.

    `folder` is one that all processes of the run share: the first of them to ask makes it.
    """
    made = folder / "template.url"
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        database = make_database(folder)
        if made.exists():
            database.url = made.read_text()
        else:
            database.create()
            _migrate(database.url)
            made.write_text(database.url)
    return database


def _migrate(url):
    env = {**os.environ, "SECRET_KEY": "test-" * 12, "DATABASE_URL": url}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=PATIENCE * 4)


class Sqlite:
    def __init__(self, folder):
        self.path = folder / "db.sqlite3"
        self.name = str(self.path)
        self.url = f"sqlite:///{self.path}"

    def create(self):
        pass  # The first connection does.

    def copy_of(self, other):
        shutil.copy(other.path, self.path)

    def drop(self):
        pass  # It goes with its folder.

    def query(self, sql, *parameters):
        """Return the rows that a query gives."""
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        connection.create_function("owned_words", 2, owned_words)  # For what keeps the index.
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()


class Postgres:
    def __init__(self, server):
        self.server = server
        name = f"parlor_{os.getpid()}_{next(_numbers)}"
        self.url = urlsplit(server)._replace(path=f"/{name}").geturl()

    @property
    def name(self):
        return urlsplit(self.url).path.removeprefix("/")

    def create(self):
        self._admin(f"CREATE DATABASE {self.name}")

    def copy_of(self, other):
        self._admin(f"CREATE DATABASE {self.name} TEMPLATE {other.name}")

    def drop(self):
        self._admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def terminate_connections(self):
        """End all sessions, as a restart of the server would."""
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._run(self.server, sql, (self.name,))

    def query(self, sql, *parameters):
        """Return the rows that a query gives; the parameters are marked as for SQLite."""
        return self._run(self.url, sql.replace("?", "%s"), parameters)

    def _admin(self, sql):
        self._run(self.server, sql, ())

    def _run(self, url, sql, parameters):
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []
