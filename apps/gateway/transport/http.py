"""HTTP transport of the client: a connection pool on the network backend that can be paced."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import httpcore2
import httpx2

from apps.gateway.transport.network import Backend

_MAX_CONNECTIONS = 5000
_KEEPALIVE_SECONDS = 5


class Transport(httpx2.BaseTransport):
    """httpx2's transport, on a pool with our backend."""

    def __init__(self) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=_MAX_CONNECTIONS,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=Backend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _as_httpx2_errors():
            answer = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=url,
                    headers=request.headers.raw,
                    content=cast(httpx2.SyncByteStream, request.stream),
                    extensions=request.extensions,
                )
            )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=ResponseBody(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class ResponseBody(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx2_errors():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx2_errors() -> Iterator[None]:
    try:
        yield
    except (
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error


def _ssl_context() -> ssl.SSLContext:
    """Return a context with the system's certificate authorities; verification is never off.

    httpx2's own context reads them for each connection and serialises handshakes, so that one
    silent server would block all other connections.
    """
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return ssl.create_default_context()
    return httpx2.create_ssl_context(trust_env=False)
