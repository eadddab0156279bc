"""Network backend: sockets whose reads can be paced, and cancelled from another thread.

The HTTP library reads the socket whenever its buffer is empty, so that a reply of small pieces
costs one wake-up a piece. Only below it, in a network backend, can a reader wait for several
pieces and take them at once.
"""

import ipaddress
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import httpcore2

from apps.gateway.call import Call
from apps.gateway.transport.chunks import ChunkJoiner

_Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
_current = threading.local()  # This thread's call: the connection pool cannot pass it on.


@contextmanager
def bind_call(call: Call) -> Iterator[None]:
    """Bind this thread's network reads and writes to the call."""
    _current.call = call
    try:
        yield
    finally:
        _current.call = None


def _bound_call() -> Call | None:
    return getattr(_current, "call", None)


class Stream(httpcore2.NetworkStream):
    """A socket that never blocks by itself; all waiting is done with poll()."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._joiner = ChunkJoiner()
        self._read_at = 0.0
        self._more = False
        self.owner: Call | None = None
        sock.setblocking(False)

    def connect(self, address: _Address, timeout: float | None) -> None:
        _attach(self)
        with _as_connect_errors():
            self._sock.settimeout(timeout)
            self._sock.connect(address)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.setblocking(False)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        call = _bound_call()
        if call is None:
            return self._receive(max_bytes, timeout)
        while data := self._paced(call, max_bytes, timeout):
            if joined := self._joiner.feed(data):
                return joined
        return b""

    def _paced(self, call: Call, max_bytes: int, timeout: float | None) -> bytes:
        self._before_read(call)
        data = self._receive(max_bytes, timeout if call.read_timeout is None else call.read_timeout)
        self._read_at = time.monotonic()
        self._more = len(data) >= max_bytes
        call.bytes_left -= len(data)
        if call.bytes_left < 0:
            raise httpcore2.ReadError("more bytes than this answer may have")
        return data

    def _before_read(self, call: Call) -> None:
        if call.before_read:
            call.before_read()
        if call.gather and not self._more and call.read_timeout is None:
            call.wait(self._read_at + call.gather() - time.monotonic())
        if call.over or (self.owner is not call and not call.attach(self)):
            raise httpcore2.ReadError("cancelled")

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        while True:
            try:
                return self._sock.recv(max_bytes)
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            except OSError as error:
                raise httpcore2.ReadError(str(error)) from error
            if not self._poll.poll(None if timeout is None else timeout * 1000):
                raise httpcore2.ReadTimeout("nothing arrived in time")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        call = _bound_call()
        if call is not None and not call.attach(self):
            raise httpcore2.WriteError("cancelled")
        self._joiner = ChunkJoiner()  # A write belongs to a new request.
        left = memoryview(buffer)
        while left:
            left = left[self._send(left, timeout) :]

    def _send(self, data: memoryview, timeout: float | None) -> int:
        try:
            return self._sock.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError):
            event = select.POLLOUT
        except ssl.SSLWantReadError:
            event = select.POLLIN
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error
        if not _wait(self._sock, event, timeout):
            raise httpcore2.WriteTimeout("nothing was taken in time")
        return 0

    def shut_down(self) -> None:
        """Wake a blocked reader or writer; close() alone would not."""
        with suppress(OSError):  # Closed already.
            # SSLSocket.shutdown() would make a reader take ciphertext for plain text.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        sock = ssl_context.wrap_socket(
            self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
        )
        stream = TLSStream(sock)
        try:
            stream.handshake(timeout)
        except BaseException:
            stream.close()
            raise
        return stream

    def get_extra_info(self, info: str) -> object:
        if info == "is_readable":  # Of an idle connection: closed by the server.
            return self._sock.fileno() < 0 or _wait(self._sock, select.POLLIN, 0)
        return None


class TLSStream(Stream):
    _sock: ssl.SSLSocket

    def handshake(self, timeout: float | None) -> None:
        _attach(self)
        self._sock.settimeout(timeout)
        with _as_connect_errors():
            self._sock.do_handshake()
        self._sock.setblocking(False)

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        """Return all TLS records that have arrived: one recv() returns at most one."""
        first = super()._receive(max_bytes, timeout)
        if not first:
            return first
        parts, size = [first], len(first)
        try:
            while size < max_bytes and (data := self._sock.recv(max_bytes - size)):
                parts.append(data)
                size += len(data)
        except OSError:  # Mostly SSLWantReadError; any other the next read raises.
            pass
        return b"".join(parts)

    def get_extra_info(self, info: str) -> object:
        if info == "ssl_object":
            return self._sock
        return super().get_extra_info(info)


class Backend(httpcore2.NetworkBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        with _as_connect_errors():
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        call = _bound_call()
        if call is not None and call.public_only:
            addresses = [found for found in addresses if _is_public(found[4][0])]
        share = None if timeout is None else timeout / max(len(addresses), 1)
        failure: Exception = httpcore2.ConnectError("the host has no address")
        for family, kind, protocol, _, address in addresses:
            stream = Stream(socket.socket(family, kind, protocol))
            try:
                stream.connect(address, share)
                return stream
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                stream.close()
                failure = error
        raise failure


def _is_public(address: str | int) -> bool:
    return ipaddress.ip_address(str(address).partition("%")[0]).is_global


def _attach(stream: Stream) -> None:
    call = _bound_call()
    if call is not None and not call.attach(stream):
        raise httpcore2.ConnectError("cancelled")


@contextmanager
def _as_connect_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout(str(error)) from error
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from error


def _wait(sock: socket.socket, event: int, timeout: float | None) -> bool:
    waiter = select.poll()
    waiter.register(sock, event)
    return bool(waiter.poll(None if timeout is None else timeout * 1000))
