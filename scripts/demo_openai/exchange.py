"""One request and its answer: in one body, as a stream, or badly."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from scripts.demo_openai.http import Request
from scripts.demo_openai.json_bodies import to_json
from scripts.demo_openai.messages import Message
from scripts.demo_openai.records import Record

if TYPE_CHECKING:
    from scripts.demo_openai.server import DemoServer

DEFAULT_MODEL = "parlor-demo"


class Exchange:
    """A request, and the means to answer it: in one body, as a stream, or badly."""

    def __init__(
        self,
        server: DemoServer,
        request: Request,
        writer: asyncio.StreamWriter,
        record: Record,
        fault: str | None = None,
    ) -> None:
        self.server, self.request, self.writer, self.record = server, request, writer, record
        self.fault = fault
        self.keep_alive = request.version == "HTTP/1.1"
        self.keep_alive &= request.headers.get("connection", "").lower() != "close"
        self.chunked = request.version == "HTTP/1.1"
        self.opened = False  # Whether the head of a stream has been sent.
        self.message: Message = {"role": "assistant", "content": None}  # For one body.
        self.finish_reason: str | None = None
        self.usage: dict[str, Any] | None = None
        self.frames: dict[str, list[bytes]] = {}

    @property
    def data(self) -> dict[str, Any]:
        return self.request.data

    @property
    def messages(self) -> list[Message]:
        return list(self.data["messages"])

    @property
    def streamed(self) -> bool:
        return self.data.get("stream") is True

    @property
    def model(self) -> str:
        return str(self.data.get("model") or DEFAULT_MODEL)

    @property
    def key(self) -> str:
        return self.request.headers.get("authorization", "").removeprefix("Bearer ")

    def head(self, status: int, headers: dict[str, str]) -> None:
        """Send the status line and the headers."""
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Overloaded"
        headers = {"x-request-id": f"req_demo_{self.record.id}", **headers}
        headers["connection"] = "keep-alive" if self.keep_alive else "close"
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def send(
        self, status: int, body: object, kind: str = "application/json", **headers: str
    ) -> None:
        """Answer with one body: bytes as they are, all else as JSON."""
        content = body if isinstance(body, bytes) else to_json(body)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        if status != 204:
            more |= {"content-type": kind, "content-length": str(len(content))}
        self.record.end("complete")  # Before the client can see the end, or it would race us.
        self.head(status, more)
        self.writer.write(content)

    def open(self) -> None:
        """Start a stream, if it has not been started."""
        if not self.opened:
            self.opened = True
            headers = {"content-type": "text/event-stream; charset=utf-8"}
            headers["cache-control"] = "no-cache"
            if self.chunked:
                headers["transfer-encoding"] = "chunked"
            self.head(200, headers)

    def write(self, data: bytes) -> None:
        """Send bytes of the stream."""
        self.open()
        self.writer.write(b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def end(self) -> None:
        """End the answer properly, in one body if no stream was asked for."""
        if not (self.streamed or self.opened):
            choice = {"index": 0, "message": self.message, "finish_reason": self.finish_reason}
            more = {"usage": self.usage} if self.usage else {}
            self.send(200, self.envelope("chat.completion", choices=[choice], **more))
            return
        self.open()
        self.record.end("complete")
        if self.chunked:
            self.writer.write(b"0\r\n\r\n")
        else:
            self.keep_alive = False

    def envelope(self, kind: str, **fields: object) -> dict[str, Any]:
        created = int(self.record.started)
        about = {"id": f"chatcmpl-demo-{self.record.id}", "object": kind, "created": created}
        return {**about, "model": self.model, **fields}

    def event(self, data: object) -> None:
        """Send one event of the stream; one body has none."""
        if self.streamed:
            self.write(b"data: %b\n\n" % to_json(data))

    def chunk(self, **fields: object) -> None:
        self.event(self.envelope("chat.completion.chunk", **fields))

    def delta(self, delta: dict[str, Any], finish: str | None = None, **fields: object) -> None:
        """Send a piece of the message, or add it to the one body."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.chunk(choices=[choice], **fields)
        for name, value in delta.items():
            self.add(name, value)
        self.finish_reason = finish or self.finish_reason

    def take(self, choice: dict[str, Any]) -> None:
        """Add a choice that would be streamed to the one body."""
        if not choice.get("index"):
            for name, value in choice["delta"].items():
                self.add(name, value)
            self.finish_reason = choice["finish_reason"] or self.finish_reason

    def add(self, name: str, value: object) -> None:
        if self.streamed or name == "role":
            return
        before = self.message.get(name)
        both = isinstance(before, str) and isinstance(value, str)
        self.message[name] = before + value if both else value  # type: ignore[operator]

    def piece(self, text: str, name: str = "content") -> None:
        """Send a piece of text; this is the busy path, so its frame is made only once."""
        self.record.pieces += 1
        if not self.streamed:
            self.add(name, text)
            return
        if name not in self.frames:
            choice = {"index": 0, "delta": {name: "%"}, "finish_reason": None}
            frame = to_json(self.envelope("chat.completion.chunk", choices=[choice]))
            self.frames[name] = list(frame.rpartition(b'"%"'))
        before, _, after = self.frames[name]
        self.write(b"data: %b%b%b\n\n" % (before, to_json(text), after))

    async def pause(self, seconds: float) -> None:
        """Wait as long as a fault asks for, times the server's scale."""
        await self.rest(seconds * self.server.scale)

    async def rest(self, seconds: float) -> None:
        await self.writer.drain()
        await asyncio.sleep(seconds)

    async def say(self, pieces: Iterable[str], name: str = "content") -> None:
        """Send pieces of text at the server's pace."""
        for text in pieces:
            self.piece(text, name)
            if self.streamed:
                await self.rest(self.server.pace)
