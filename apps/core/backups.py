"""A backup of all that an installation holds: the database and the files of MEDIA_ROOT."""

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import connection, connections

from apps.core.sqlite.base import forget_idle

MEDIA = "media"  # Its name in the archive; the database is there under the name of its kind.


class BackupError(Exception):
    """What was asked for cannot be done; the message says why."""


def back_up(archive: Path) -> None:
    """Write the archive, a .tar.gz; Parlor may run meanwhile.

    The database comes first: a file that is added later is in nobody's way, one that a row names
    and that is not there would be. The archive holds everybody's messages: mode 600.
    """
    copy, _ = _tools()
    with _replacing(archive) as part, tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        database = Path(folder) / connection.vendor
        copy(database)
        part.touch(mode=0o600)
        with tarfile.open(part, "w:gz") as tar:
            tar.add(database, database.name)
            if Path(settings.MEDIA_ROOT).is_dir():
                tar.add(settings.MEDIA_ROOT, MEDIA)


def restore(archive: Path) -> None:
    """Replace the database and add the files of the archive; no server may run meanwhile.

    Raise BackupError, with nothing changed, if the archive is none of this kind of database.
    """
    _, load = _tools()
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        try:
            with tarfile.open(archive) as tar:
                tar.extraction_filter = getattr(tarfile, "data_filter", None)
                tar.extractall(folder, members=_harmless(tar))  # noqa: S202
        except (OSError, tarfile.TarError) as error:
            raise BackupError(f"{archive} cannot be read: {error}") from error
        database = Path(folder) / connection.vendor
        if not database.exists():
            raise BackupError(f"{archive} holds no database for {connection.vendor}.")
        connections.close_all()
        forget_idle()
        load(database)
        _add_files(Path(folder) / MEDIA)


def _harmless(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield what lies below the folder: Python before 3.11.4 has no filter that sees to it."""
    for member in tar:
        path = PurePosixPath(member.name)
        if (
            (member.isfile() or member.isdir())
            and not path.is_absolute()
            and ".." not in path.parts
        ):
            yield member


def holds_accounts() -> bool:
    """Tell whether the database has anything to lose."""
    if "users_user" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM users_user LIMIT 1")
        return cursor.fetchone() is not None


def _tools() -> tuple[Callable[[Path], None], Callable[[Path], None]]:
    if connection.vendor == "sqlite":
        return _copy_sqlite, _load_sqlite
    return _dump_postgresql, _load_postgresql


def _copy_sqlite(target: Path) -> None:
    """Copy with SQLite's backup API, which sees one moment of a database in use."""
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)


def _load_sqlite(source: Path) -> None:
    with closing(sqlite3.connect(source)) as database:
        (state,) = database.execute("PRAGMA integrity_check").fetchone()
    if state != "ok":
        raise BackupError(f"The database in the archive is damaged: {state}")
    target = Path(str(connection.settings_dict["NAME"]))
    with _replacing(target) as part:
        shutil.copyfile(source, part)
    for ending in ("-wal", "-shm"):  # They belong to the database that was there.
        Path(f"{target}{ending}").unlink(missing_ok=True)


def _dump_postgresql(target: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def _load_postgresql(source: Path) -> None:
    _run("pg_restore", "--list", str(source))  # Before anything is dropped.
    _run(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        f"--dbname={connection.settings_dict['NAME']}",
        str(source),
    )


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's against our database; the password is in no command line."""
    options = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    given = {name: str(options[key]) for name, key in names.items() if options[key]}
    given["PGDATABASE"] = str(options["NAME"])
    command = [program, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 -- no shell, and nothing of it comes from a request.
            command, env={**os.environ, **given}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not installed: apt install postgresql-client") from error
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()}")


def _add_files(source: Path) -> None:
    for path in _files(source):
        target = Path(settings.MEDIA_ROOT) / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _replacing(target) as part:
            shutil.copyfile(path, part)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give a file that takes the target's place once it is whole and on the disk."""
    part = target.with_name(f"{target.name}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
