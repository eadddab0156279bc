"""Connections: their requests are answered one after the other, until a client leaves."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING

from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.http import BadRequest, Reader, Request, read_request
from scripts.demo_openai.records import Record
from scripts.demo_openai.routes import dispatch, prepare

if TYPE_CHECKING:
    from scripts.demo_openai.server import DemoServer


async def serve_connection(
    server: DemoServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the requests of one connection, one after the other."""
    assert isinstance(reader, Reader)
    try:
        while request := await read_request(reader, writer):
            if not await respond(server, request, reader, writer):
                break
    except BadRequest:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
    except (ConnectionError, asyncio.CancelledError):
        pass  # The client has gone between two requests, or the server ends.
    finally:
        writer.close()


async def respond(
    server: DemoServer, request: Request, reader: Reader, writer: asyncio.StreamWriter
) -> bool:
    """Answer one request; return whether the connection can be used again."""
    problem = prepare(request)
    fault = server.fault  # Whoever sees the request may set another.
    x = Exchange(server, request, writer, server.remember(request), fault)
    task = asyncio.create_task(dispatch(x, problem))
    reader.on_gone = task.cancel
    if reader.gone:
        task.cancel()
    try:
        await asyncio.wait([task])
    finally:
        reader.on_gone = None
        task.cancel()
        note_end(server, x.record, task, reader.gone)
    return x.keep_alive and x.record.ended == "complete"


def note_end(server: DemoServer, record: Record, task: asyncio.Task[None], gone: bool) -> None:
    """Note how an answer has ended, unless all of it had been written."""
    broken = task.cancelled() or not task.done()
    error = None if broken else task.exception()
    if error and not isinstance(error, ConnectionError):  # A bug of this server.
        record.end("failed")
        traceback.print_exception(error)
    elif record.ended == "running" and (gone or error):
        record.end("client closed")
        took = f"after {record.pieces} pieces, {record.duration:.2f} s"
        server.write_log(f"#{record.id} client closed {took}")
    elif record.ended == "running":
        record.end("server stopped" if broken else "complete")
