"""Files that belong to one person: stored under random names, and sent to nobody else.

They lie below MEDIA_ROOT, or wherever STORAGES puts them; never where static files are served.
"""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import IO, Any, cast
from urllib.parse import quote

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from apps.server.request_threads import readers

POLICY = "default-src 'none'; sandbox"  # Whatever a file is, it may not act.
CHUNK = 1 << 20  # Bytes that are read at once.
ORPHANED = timedelta(days=1)  # A file without a row, after which nobody will write the row.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def store(data: bytes, folder: str, suffix: str) -> str:
    """Store the bytes below the folder, under a name that tells nothing; return the name."""
    name = secrets.token_hex(16)
    return default_storage.save(f"{folder}/{name[:2]}/{name}.{suffix}", ContentFile(data))


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        data: bytes = file.read()
    return data


def remove(name: str) -> None:
    default_storage.delete(name)


def all_names(folder: str = "") -> Iterator[str]:
    """Yield the names of all stored files, as they come; some may be gone when they are opened."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    start = f"{folder}/" if folder else ""
    yield from (f"{start}{name}" for name in names if name)  # S3 lists a folder as "".
    for each in folders:
        yield from all_names(f"{start}{each}")


def open_stored(name: str) -> IO[bytes]:
    """Return the file to be read. Raise FileNotFoundError if it is gone."""
    file: IO[bytes] = default_storage.open(name)
    return file


def replace(name: str, content: IO[bytes]) -> None:
    """Store the content under this very name, whatever was there before."""
    default_storage.delete(name)  # Else it would be stored beside, under another name.
    default_storage.save(name, File(content))


def orphans(folder: str) -> Iterator[str]:
    """Yield the stored files that are old enough that a row should name them."""
    before = timezone.now() - ORPHANED
    if not default_storage.exists(folder):
        return
    for part in default_storage.listdir(folder)[0]:
        for file in default_storage.listdir(f"{folder}/{part}")[1]:
            name = f"{folder}/{part}/{file}"
            if default_storage.get_modified_time(name) < before:
                yield name


def send_file(
    request: HttpRequest, name: str, content_type: str, filename: str, *, download: bool = False
) -> HttpResponseBase:
    """Answer with a stored file, or with the part of it that was asked for (RFC 9110, 14).

    Whoever calls it has checked the owner. Raise Http404 if the file is gone.
    """
    etag = f'"{name.rsplit("/", 1)[-1]}"'  # Nothing is ever stored twice under one name.
    response: Any = get_conditional_response(request, etag=etag)
    if response is None:
        if settings.ACCEL_REDIRECT:
            response = HttpResponse(headers={"X-Accel-Redirect": _accelerated(name)})
        else:
            response = _part(request, name, etag)
    response["Content-Type"] = content_type
    response["Content-Disposition"] = content_disposition_header(download, filename) or "inline"
    response["ETag"] = etag
    keep_private(response)
    return cast(HttpResponseBase, response)


def keep_private(response: HttpResponseBase) -> None:
    """Let what a person has stored stay with them, and do nothing in their browser."""
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"  # Asked for each time: rights may have ended.
    response["Content-Encoding"] = "identity"  # Nothing here gets smaller, and parts have sizes.


def _accelerated(name: str) -> str:
    return f"{settings.ACCEL_REDIRECT.rstrip('/')}/{quote(name)}"


def _part(request: HttpRequest, name: str, etag: str) -> Any:
    try:
        size = default_storage.size(name)
        start, end = _wanted(request, size, etag)
        if start >= end and size:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        response = _sent(name, start, end)
    except FileNotFoundError as error:
        raise Http404 from error
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(end - start)
    if (start, end) != (0, size):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, int]:
    """Return the first byte that is wanted and the one after the last."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if not match or not any(match.groups()) or request.headers.get("If-Range", etag) != etag:
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


def _sent(name: str, start: int, end: int) -> Any:
    file = default_storage.open(name)
    file.seek(start)
    if end - start > CHUNK:
        close_old_connections()  # A slow reader must not hold one.
        return StreamingHttpResponse(_pieces(file, end - start))
    with file:
        return HttpResponse(file.read(end - start))


async def _pieces(file: Any, left: int) -> AsyncIterator[bytes]:
    try:
        while left > 0 and (piece := await readers.run(file.read, min(left, CHUNK))):
            left -= len(piece)
            yield piece
    finally:
        file.close()
