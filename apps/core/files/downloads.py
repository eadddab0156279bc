"""Answers that are a file: made, or read, piece by piece while they are sent."""

from collections.abc import AsyncIterator, Iterator

from django.core.files import File
from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from apps.core.locale import Locale
from apps.server.request_threads import readers

Pieces = Iterator[str] | Iterator[bytes]

FILE_PIECE = 256 * 1024  # Bytes.


def send_pieces(pieces: Pieces, name: str, content_type: str) -> StreamingHttpResponse:
    """Answer with a file of this name.

    Each piece is made in another of the threads that answer requests, so that a long file holds up
    nobody: whoever makes the pieces keeps nothing open from one to the next that belongs to a
    thread, like a cursor.
    """
    sending = _one_by_one(pieces, Locale.current())
    response = StreamingHttpResponse(sending, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def send_file(file: "File[bytes]", name: str, content_type: str) -> StreamingHttpResponse:
    """Answer with the stored file; it is closed with the response."""
    response = send_pieces(iter(lambda: file.read(FILE_PIECE), b""), name, content_type)
    response["Content-Length"] = str(file.size)
    response["Content-Encoding"] = "identity"  # It is compressed already.
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    return response


async def _one_by_one(pieces: Pieces, locale: Locale) -> AsyncIterator[str | bytes]:
    while (piece := await readers.run(_next, pieces, locale)) is not None:
        yield piece


def _next(pieces: Pieces, locale: Locale) -> str | bytes | None:
    try:
        with locale.activated():
            return next(pieces, None)
    finally:
        close_old_connections()  # Between two pieces others may need the connection.
