"""Whether there is room: what the database and the folder of files still take."""

import errno
import logging
import os
import re
import shutil
from pathlib import Path

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import InternalError, OperationalError, connection

from apps.core.files.remote_storage import StorageAway

logger = logging.getLogger(__name__)

PROBED = "readyz"  # A folder that holds nothing: its list is short, and tells of the whole.
SPARE = 20_000_000  # Bytes; with less on a disk, what is sent next may not fit.

# What is raised where the database cannot store anything now: PostgreSQL calls it internal that it
# only reads.
UNSTORABLE = (OperationalError, InternalError)
# Of a disk that is full, or not to be written, or away; and of a machine with no memory, process
# or open file left for what has to be done first.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN}
_NO_ROOM |= {errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE}
_READ_ONLY = re.compile("readonly database|read-only transaction")  # SQLite's and PostgreSQL's.


def is_unstorable(error: BaseException | None) -> bool:
    """Return whether nothing can be stored now, in the database or in a file."""
    if isinstance(error, (StorageAway, *UNSTORABLE)):
        return True
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def is_read_only(error: BaseException | None) -> bool:
    """Return whether the database or the disk can be read and not be written."""
    if isinstance(error, OSError):
        return error.errno == errno.EROFS
    return isinstance(error, UNSTORABLE) and bool(_READ_ONLY.search(str(error)))


def database_state() -> str:
    """Return `ok`, `unreachable`, `read-only` or `full`."""
    try:
        if connection.vendor == "sqlite":
            return _sqlite_state()
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            return "read-only" if cursor.fetchone()[0] == "on" else "ok"
    except OperationalError:
        return "unreachable"


def _sqlite_state() -> str:
    with connection.cursor() as cursor:
        file = cursor.execute("PRAGMA database_list").fetchone()[2]
    return _sqlite_refusal() or (_disk_state(Path(file)) if file else "ok")


def _sqlite_refusal() -> str:
    """Write what is there already; who finds another writer at it has an answer, too."""
    probe = connection.copy()
    # It waits for nobody, nothing depends on it, and it opens the file anew.
    probe.settings_dict["OPTIONS"] |= {"timeout": 0, "synchronous": "OFF", "max_idle": 0}
    try:
        with probe.cursor() as cursor:
            version = cursor.execute("PRAGMA user_version").fetchone()[0]
            cursor.execute(f"PRAGMA user_version = {version:d}")
    except OperationalError as error:
        reasons = {"readonly": "read-only", "full": "full"}
        return next((reasons[word] for word in reasons if word in str(error)), "")
    finally:
        probe.close()
    return ""


def files_state() -> str:
    """Return `ok`, `read-only` or `full`; of a storage that is no disk `ok` or `unreachable`."""
    if isinstance(default_storage, FileSystemStorage):
        return _disk_state(Path(default_storage.location))
    try:
        default_storage.listdir(PROBED)
    except OSError:
        logger.warning("the storage of files does not answer", exc_info=True)
        return "unreachable"
    return "ok"


def _disk_state(path: Path) -> str:
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not os.access(there, os.W_OK):
        return "read-only"
    return "ok" if shutil.disk_usage(there).free >= SPARE else "full"
