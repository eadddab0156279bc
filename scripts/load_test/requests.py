"""Plain HTTP requests of somebody with a session."""

import asyncio
import html
import re
import time

TOKEN = "a" * 32  # A CSRF token that all people share.


async def fetch(port: int, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request; return its connection, of which nothing has been read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(request)
    return reader, writer


async def read_all(port: int, request: bytes) -> bytes:
    """Send a request; return the whole response, head and body."""
    reader, writer = await fetch(port, request)
    response = await reader.read(-1)
    writer.close()
    return response


def get(path: str, session: str) -> bytes:
    return _request("GET", path, session, "")


def post(path: str, session: str, body: str = "") -> bytes:
    return _request("POST", path, session, f"{body}&csrfmiddlewaretoken={TOKEN}")


def _request(method: str, path: str, session: str, body: str) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nHX-Request: true\r\n"
        f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


async def load_page(port: int, path: str, session: str) -> float:
    """Return the seconds that a page takes; raise ValueError for any status but 200."""
    started = time.monotonic()
    page = await read_all(port, get(path, session))
    if b" 200 " not in page[:20]:
        raise ValueError(page[:200])
    return time.monotonic() - started


async def ask(port: int, session: str, fields: str) -> str:
    """Send a message in a new conversation; return the response, or the page it redirects to."""
    response = await read_all(port, post("/chat/new/", session, fields))
    if place := re.search(rb"^HX-Redirect: (\S+)", response, re.M):
        response = await read_all(port, get(place[1].decode(), session))
    return response.decode()


def stream_of(page: str) -> str:
    """Return the address of the stream of a page's reply; raise ValueError without one."""
    match = re.search(r'hx-sse:connect="([^"]*)"', page)
    if match is None:
        raise ValueError(page[:500])
    return html.unescape(match[1])
