"""Files in a storage on the network, S3 for example: away is told from gone, and found out soon.

Each backend raises errors of its own, which nothing here knows. So all that a backend raises, but
that a file is not there, becomes StorageAway, which pages answer with 503.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from os import PathLike
from typing import Any

from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible
from django.utils.module_loading import import_string

CONNECT_SECONDS = 3  # A thread that pages need waits for it.
READ_SECONDS = 10


class StorageAway(OSError):
    """The storage does not answer, or refuses what it was asked."""


@deconstructible
class RemoteStorage(Storage):
    """Hands everything to the storage that MEDIA_STORAGE names, and translates its errors."""

    def __init__(self, backend: str, options: dict[str, Any]) -> None:
        self._inner: Storage = import_string(backend)(**_impatient(backend, options))

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _told():
            file = self._inner.open(name, mode)
            if "r" in mode:
                file.read(0)  # Has it fetched now; afterwards it is here.
            return file

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        with _told():
            return self._inner.save(name, content, max_length)

    def delete(self, name: str) -> None:
        with _told():
            self._inner.delete(name)

    def exists(self, name: str) -> bool:
        with _told():
            return self._inner.exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _told():
            return self._inner.listdir(path)

    def size(self, name: str) -> int:
        with _told():
            return self._inner.size(name)

    def get_modified_time(self, name: str) -> datetime:
        with _told():
            return self._inner.get_modified_time(name)

    def url(self, name: str | None) -> str:
        return self._inner.url(name)

    def path(self, name: str) -> str:
        return self._inner.path(name)

    def generate_filename(self, filename: "str | PathLike[str]") -> str:
        return self._inner.generate_filename(filename)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        raise StorageAway(f"{type(error).__name__}: {error}") from error


def _impatient(backend: str, options: dict[str, Any]) -> dict[str, Any]:
    """Add to the options of S3 what keeps a thread from waiting for minutes, as is its default."""
    if not backend.startswith("storages.backends.s3.") or find_spec("botocore") is None:
        return options
    from botocore.config import Config

    patience = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 2},
        s3={"addressing_style": options.get("addressing_style")},
        signature_version=options.get("signature_version"),
        proxies=options.get("proxies"),
    )
    return {"client_config": patience, **options}
