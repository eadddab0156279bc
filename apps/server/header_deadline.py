"""A deadline for the headers of a connection's first request.

gunicorn waits for them without end, so whoever sends a byte now and then holds a connection for
nothing. For later requests of a connection its `keepalive` is the deadline.
"""

import asyncio
from typing import cast

END = b"\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class HeaderDeadline(asyncio.Protocol):
    """Hands a connection over to the server's protocol when its first headers are there."""

    def __init__(self, server: asyncio.Protocol, seconds: float) -> None:
        self._server = server
        self._seconds = seconds
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._seconds, self._cut)
        self._server.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        seen = self._tail + data
        if END in seen:
            self._deadline.cancel()
            self._transport.set_protocol(self._server)
        self._tail = seen[1 - len(END) :]
        self._server.data_received(data)

    def eof_received(self) -> bool | None:
        return self._server.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        self._server.connection_lost(exc)

    def pause_writing(self) -> None:
        self._server.pause_writing()

    def resume_writing(self) -> None:
        self._server.resume_writing()

    def _cut(self) -> None:
        if self._tail and not self._transport.is_closing():
            self._transport.write(TOO_LATE)
        self._transport.close()
