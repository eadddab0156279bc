"""An AI service that writes each reply in numbered pieces, and notes in each when it was sent."""

import asyncio
import json
import re
import time

# A piece: its number, and the nanosecond it was sent at. A nonce may spell the like of "w0t8".
WORD = re.compile(rb"\bw(\d+)t(\d{9,})\b")
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


async def serve_upstream(pieces: int, gap: float, port: int) -> None:
    """Answer every chat request with a reply in pieces, `gap` seconds apart, each on its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await read_request(reader):
            return
        writer.write(HEAD)
        await write_pieces(writer, pieces, gap)
        write_chunk(writer, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


async def read_request(reader: asyncio.StreamReader) -> bool:
    """Read a request; return whether there was one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return False  # Someone looked whether the port is open.
    size = re.search(rb"content-length: (\d+)", head.lower())
    await reader.readexactly(int(size[1]) if size else 0)
    return True


async def write_pieces(writer: asyncio.StreamWriter, pieces: int, gap: float) -> None:
    started = time.monotonic()
    for number in range(pieces):
        await asyncio.sleep(started + (number + 1) * gap - time.monotonic())
        text = f"w{number}t{time.monotonic_ns()} " + ("\n\n" if number % 20 == 19 else "")
        write_chunk(writer, {"choices": [{"delta": {"content": text}}]})
        await writer.drain()


def write_chunk(writer: asyncio.StreamWriter, data: dict[str, object]) -> None:
    event = b"data: %s\n\n" % json.dumps(data).encode()
    writer.write(b"%x\r\n%s\r\n" % (len(event), event))


async def follow_words(reader: asyncio.StreamReader, end: bytes) -> list[float]:
    """Read until the end; return the seconds that the first word of each read was late."""
    late: list[float] = []
    seen = b""
    while end not in seen:
        read = await reader.read(1 << 16)
        if not read:
            raise EOFError
        now = time.monotonic_ns()
        if word := WORD.search(read):
            late.append((now - int(word[2])) / 1e9)
        seen = seen[-100:] + read
    return late
