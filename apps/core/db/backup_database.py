"""How a backup copies the database, and puts it back, with the tools of its kind."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection, connections

from apps.core.db.backup_archive import BackupError
from apps.core.db.sqlite.base import forget_idle

# What is there goes first: tables of a newer version would hold on to those that come. Extensions
# stay, they need rights of their own; what belongs to a table leaves with it.
_DROP = """
SET statement_timeout = 0;
SET lock_timeout = '10s';
DO $$
DECLARE statement text;
BEGIN
  FOR statement IN
    SELECT format('DROP %s IF EXISTS %s CASCADE', kind, name) FROM (
      SELECT oid, oid::regclass::text AS name, CASE relkind WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
      FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
      UNION ALL
      SELECT oid, oid::regprocedure::text, 'ROUTINE' FROM pg_proc
      WHERE pronamespace = current_schema()::regnamespace
      UNION ALL
      SELECT oid, oid::regtype::text, 'TYPE' FROM pg_type
      WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd')
      UNION ALL
      SELECT oid, oid::regconfig::text, 'TEXT SEARCH CONFIGURATION' FROM pg_ts_config
      WHERE cfgnamespace = current_schema()::regnamespace
    ) AS object
    WHERE NOT EXISTS (
      SELECT FROM pg_depend WHERE objid = object.oid AND deptype IN ('e', 'i', 'a')
    )
  LOOP
    EXECUTE statement;
  END LOOP;
END $$;
"""


def use_one_connection() -> None:
    """Open no pool: who asks whether somebody else is connected must not find us."""
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"].pop("pool", None)


def copy_to(target: Path) -> None:
    """Copy the database as it is at one moment, while it is in use."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
        return
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
    except sqlite3.Error as error:
        raise BackupError(
            f"The database could not be copied to {target.parent}: {error}."
        ) from error


def check(database: Path) -> None:
    """Raise BackupError if the copy cannot be one of this kind of database."""
    if connection.vendor == "postgresql":
        _run("pg_restore", "--list", str(database))
        return
    try:
        with closing(sqlite3.connect(database)) as copy:
            (state,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        state = str(error)
    if state != "ok":
        raise BackupError(f"The database in the archive is damaged: {state}. Nothing was changed.")


@contextmanager
def unpacking(archive: Path) -> Iterator[Path]:
    """Give a folder for the copy before it is loaded: next to where it will be."""
    near = sqlite_path() or archive
    folder = near.parent if os.access(near.parent, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=folder, prefix=".parlor-") as path:
        yield Path(path)


def sqlite_path() -> Path | None:
    """Return where the database lies, if it is a file."""
    is_file = connection.vendor == "sqlite"
    return Path(str(connection.settings_dict["NAME"])).absolute() if is_file else None


def load(database: Path) -> None:
    """Put the copy into the place of the database: all of it, or nothing."""
    connections.close_all()
    if target := sqlite_path():
        _load_sqlite(database, target)
    else:
        _load_postgresql(database)


def is_in_use() -> bool:
    """Return whether others are connected to the database, as a server that runs is."""
    if path := sqlite_path():
        connections.close_all()
        forget_idle()
        return path.exists() and _is_open_elsewhere(path)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


def _is_open_elsewhere(path: Path) -> bool:
    """Leave the write-ahead log: SQLite lets only who is alone; each connection begins it anew."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as probe:
        try:
            probe.execute("PRAGMA journal_mode=DELETE")
            probe.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        except sqlite3.DatabaseError:  # A damaged one is what a backup is there for.
            return False
    return False


def _load_sqlite(source: Path, target: Path) -> None:
    forget_idle()
    with source.open("rb") as file:
        os.fsync(file.fileno())
    shutil.move(source, target)  # On the same disk, as a rule: then it is there at once.
    for ending in ("-wal", "-shm"):  # They belong to the database that was there.
        Path(f"{target}{ending}").unlink(missing_ok=True)


def _load_postgresql(source: Path) -> None:
    clear, fill = source.with_name("clear.sql"), source.with_name("fill.sql")
    clear.write_text(_DROP)
    rights = ("--no-owner", "--no-privileges", "--no-comments")  # Those of whoever restores.
    _run("pg_restore", *rights, f"--file={fill}", str(source))
    files = (f"--file={clear}", f"--file={fill}")
    _run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", *files)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's against our database, with all that its URL says."""
    variables, rest = _libpq()
    # pg_restore is given files only.
    target = [f"--dbname={rest}"] if rest and program != "pg_restore" else []
    try:
        done = subprocess.run(  # noqa: S603 -- no shell, and nothing of it comes from a request.
            [program, *target, *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not installed: apt install postgresql-client") from error
    if done.returncode:
        told = " ".join(done.stderr.split()) or f"it ended with code {done.returncode}"
        raise BackupError(f"{program} failed: {told}")


def _libpq() -> tuple[dict[str, str], str]:
    """Return how to connect: as variables, which no list of processes shows, and what has none."""
    from psycopg import pq
    from psycopg.conninfo import make_conninfo

    given = connection.get_connection_params()
    variables, rest = {}, {}
    for option in pq.Conninfo.get_defaults():
        name = option.keyword.decode()
        if name not in given:
            continue
        if option.envvar:
            variables[option.envvar.decode()] = str(given[name])
        else:
            rest[name] = given[name]
    return variables, make_conninfo(**rest)
