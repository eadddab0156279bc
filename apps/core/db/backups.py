"""A backup of all that an installation holds: the database, and the files of its storage."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection

from apps.core.db import backup_archive, backup_database
from apps.core.db.backup_archive import CHUNK, MEDIA, BackupError, Contents
from apps.core.files import storage

__all__ = ["BackupError", "back_up", "holds_accounts", "restore", "verify", "warnings"]


def back_up(archive: Path) -> int:
    """Write the archive, a .tar.gz; return how many files it holds. Parlor may run meanwhile.

    The database comes first: a file that is added later is in nobody's way, one that a row names
    and that is not there would be. A file that is deleted meanwhile has no row any more.
    """
    with (
        _one_line(archive.parent),
        _replacing(archive) as part,
        tempfile.TemporaryDirectory(dir=archive.parent, prefix=".parlor-") as folder,
    ):
        database = Path(folder) / connection.vendor
        backup_database.copy_to(database)
        with backup_archive.writing(part) as writer:
            with database.open("rb") as file:
                writer.add(database.name, file)
            return sum(_add(writer, name) for name in storage.all_names())


def _add(writer: backup_archive.Writer, name: str) -> bool:
    try:
        with closing(storage.open_stored(name)) as file:
            writer.add(f"{MEDIA}/{name}", file)
    except FileNotFoundError:
        return False
    return True


def verify(archive: Path) -> Contents:
    """Read all of the archive, and change nothing. Raise BackupError if it is damaged."""
    with _one_line(archive.parent):
        contents = backup_archive.check(archive)
        if contents.database == connection.vendor:
            with tempfile.TemporaryDirectory(prefix=".parlor-") as folder:
                backup_database.check(_unpack(archive, Path(folder)))
    return contents


def restore(archive: Path) -> Contents:
    """Add the files of the archive, then replace the database; no server may run meanwhile.

    Raise BackupError, with nothing changed, if the archive is damaged, is of another kind of
    database, or does not fit on the disk.
    """
    with _one_line(archive.parent):
        contents = backup_archive.check(archive)
        if contents.database != connection.vendor:
            raise BackupError(
                f"{archive} holds a database of {contents.database};"
                f" DATABASE_URL is one of {connection.vendor}."
            )
        with backup_database.unpacking(archive) as folder:
            _check_room(contents, folder)
            database = _unpack(archive, folder)
            backup_database.check(database)
            _add_files(archive)
            backup_database.load(database)
    return contents


def holds_accounts() -> bool:
    """Return whether the database has anything to lose."""
    with _one_line(Path()):
        if "users_user" not in connection.introspection.table_names():
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM users_user LIMIT 1")
            return cursor.fetchone() is not None


def warnings(uid: int) -> Iterator[str]:
    """Yield what makes a restore by this user dangerous now."""
    backup_database.use_one_connection()
    with _one_line(Path()):
        if backup_database.is_in_use():
            yield "The database is in use: stop Parlor, and its workers, first."
    if folder := folder_of_another(uid):
        yield (
            f"What is restored would belong to root, and Parlor could not write it: {folder}"
            " is another user's. Run this as that user, by runuser -u USER."
        )


def folder_of_another(uid: int) -> Path | None:
    """Return a folder that root would fill with files which its owner cannot write."""
    return next((path for path in _folders() if uid == 0 != _existing(path).stat().st_uid), None)


def _folders() -> Iterator[Path]:
    if path := backup_database.sqlite_path():
        yield path.parent
    if isinstance(default_storage, FileSystemStorage):
        yield Path(default_storage.location)


def _unpack(archive: Path, folder: Path) -> Path:
    database = folder / connection.vendor
    for name, file in backup_archive.members(archive):
        if name == database.name:
            database.touch(mode=0o600)
            with database.open("wb") as copy:
                shutil.copyfileobj(file, copy, CHUNK)
            break
    return database


def _add_files(archive: Path) -> None:
    for name, file in backup_archive.members(archive):
        if name.startswith(f"{MEDIA}/"):
            storage.replace(name.removeprefix(f"{MEDIA}/"), file)


def _check_room(contents: Contents, folder: Path) -> None:
    needed = {folder: contents.database_bytes}
    if isinstance(default_storage, FileSystemStorage):
        needed[Path(default_storage.location)] = contents.bytes
    for path, size in needed.items():
        free = shutil.disk_usage(_existing(path)).free
        if size > free:
            raise BackupError(
                f"There is no room in {path}: {size:,} bytes are needed, {free:,} are free."
                " Nothing was changed."
            )


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())


@contextmanager
def _one_line(folder: Path) -> Iterator[None]:
    """Raise BackupError for what the disk, the storage or the database has against it."""
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        raise BackupError(f"{error.filename or folder}: {what}.") from error
    except DatabaseError as error:
        raise BackupError(f"The database: {' '.join(str(error).split())}") from error


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
