"""The archive of a backup: a .tar.gz of the database, the files, and last the checksums of both."""

import gzip
import hashlib
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils import timezone

MEDIA = "media"  # The folder of the files; the database is there under the name of its kind.
SUMS = "SHA256SUMS"  # As `sha256sum --check` reads it.
DATABASES = ("sqlite", "postgresql")
IN_MEMORY = 16_000_000  # Bytes of a file that is copied; what is larger goes by way of the disk.
CHUNK = 1 << 20  # Bytes that are read at once.


class BackupError(Exception):
    """What was asked for cannot be done; the message says why, in one line."""


@dataclass(slots=True)
class Contents:
    """What an archive holds, all of it read and compared with its checksums."""

    database: str = ""  # Its kind.
    database_bytes: int = 0
    files: int = 0
    bytes: int = 0  # Of the files.
    has_sums: bool = False  # Archives of former versions have none but that of the whole.
    sums: dict[str, str] = field(default_factory=dict)


class Writer:
    """Adds to an archive, and notes the checksums, which it needs at the end."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._sums: dict[str, str] = {}

    def add(self, name: str, file: IO[bytes]) -> None:
        """Add the file as it is now; who reads it fails before anything of it is written."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as copy:
            shutil.copyfileobj(file, copy, CHUNK)
            size = copy.tell()
            copy.seek(0)
            self._sums[name] = hashlib.file_digest(copy, "sha256").hexdigest()
            copy.seek(0)
            self._write(name, copy, size)

    def finish(self) -> None:
        text = "".join(f"{digest}  {name}\n" for name, digest in self._sums.items()).encode()
        self._write(SUMS, BytesIO(text), len(text))

    def _write(self, name: str, file: IO[bytes], size: int) -> None:
        about = tarfile.TarInfo(name)
        about.size, about.mode = size, 0o600
        about.mtime = int(timezone.now().timestamp())
        self._tar.addfile(about, file)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write an archive that only we may read: it holds everybody's messages."""
    path.touch(mode=0o600)
    with tarfile.open(path, "w:gz") as tar:
        writer = Writer(tar)
        yield writer
        writer.finish()


def check(archive: Path) -> Contents:
    """Read the archive to its last byte. Raise BackupError if it is damaged, or none of ours."""
    with _told(archive):
        contents, listed = _read(archive)
    if not contents.database:
        raise BackupError(f"{archive} holds no database: it is no backup of Parlor's.")
    contents.has_sums = bool(listed)
    if listed:
        _compare(archive, contents.sums, _read_sums(archive, listed))
    return contents


def _read(archive: Path) -> tuple[Contents, bytes]:
    contents, listed = Contents(), b""
    for name, file in members(archive):
        if name == SUMS:
            listed = file.read()
            continue
        digest, size = hashlib.sha256(), 0
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
        contents.sums[name] = digest.hexdigest()
        if name in DATABASES:
            contents.database, contents.database_bytes = name, size
        else:
            contents.files += 1
            contents.bytes += size
    return contents, listed


def members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of the archive by their names in it: the database, `media/…`, the sums.

    What leads elsewhere is left out. Whoever has not called check() before may meet any damage.
    """
    with gzip.open(archive) as unpacked:
        with tarfile.open(fileobj=unpacked, mode="r:") as tar:
            for member in tar:
                if _is_ours(member) and (file := tar.extractfile(member)):
                    yield member.name, file
        while unpacked.read(CHUNK):  # Its own checksum is looked at when all was read.
            pass


def _is_ours(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    if not member.isfile() or path.is_absolute() or ".." in path.parts:
        return False
    is_file = len(path.parts) > 1 and path.parts[0] == MEDIA
    return is_file or member.name in (*DATABASES, SUMS)


@contextmanager
def _told(archive: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BackupError(f"{archive} is not there.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error, tarfile.TarError) as error:
        raise BackupError(
            f"{archive} is damaged, or no backup: {error}. Nothing was changed."
        ) from error


def _read_sums(archive: Path, listed: bytes) -> dict[str, str]:
    with suppress(ValueError):
        lines = [line.split("  ", 1) for line in listed.decode().splitlines()]
        return {name: digest for digest, name in lines}
    raise BackupError(f"{archive} is damaged: its checksums cannot be read. Nothing was changed.")


def _compare(archive: Path, found: dict[str, str], listed: dict[str, str]) -> None:
    wrong = sorted(name for name in found | listed if found.get(name) != listed.get(name))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise BackupError(f"{archive} is damaged: {wrong[0]}{more}. Nothing was changed.")
