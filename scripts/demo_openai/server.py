"""The server: its settings, its thread, and what it has seen."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Self, TextIO

from scripts.demo_openai.connections import serve_connection
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.http import Reader, Request
from scripts.demo_openai.records import Record

RECORDS_KEPT = 200


class DemoServer:
    """The demo server, run in a thread of its own by start() and stop(), or as a context.

    `fault`, `pace` (seconds between words) and `scale` (by which the seconds that faults wait are
    multiplied) may be changed at any time.
    """

    def __init__(
        self,
        fault: str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: float = 0.0,
        scale: float = 1.0,
        log: TextIO | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host, self.port, self.pace, self.scale = host, port, pace, scale
        self.log, self.tls = log, tls
        self.records: list[Record] = []
        self.count = 0
        self.seen: Counter[str] = Counter()  # What "once" and "twice" have counted.
        self.most_messages: dict[str, int] = {}
        self.fault = fault
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def fault(self) -> str | None:
        """The fault of all requests, without its prefix; setting it forgets what has been seen."""
        return self._fault

    @fault.setter
    def fault(self, name: str | None) -> None:
        name = name.removeprefix("fault-") if name else None
        if name and name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}.")
        self._fault = name
        self.seen.clear()
        self.most_messages.clear()

    @property
    def base_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.tls else ''}://{host}:{self.port}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The last requests, the newest last."""
        return [record.as_dict() for record in list(self.records)]

    def clear(self) -> None:
        """Forget all requests, and what "once" has seen."""
        self.records.clear()
        self.seen.clear()
        self.most_messages.clear()

    def wait_for(
        self, test: Callable[[list[dict[str, Any]]], object], timeout: float = 30.0
    ) -> list[dict[str, Any]]:
        """Wait until the requests pass the test, and return them; raise TimeoutError."""
        deadline = time.monotonic() + timeout
        while not test(requests := self.requests):
            if time.monotonic() > deadline:
                raise TimeoutError(f"The requests are {requests}")
            time.sleep(0.005)
        return requests

    def start(self) -> Self:
        """Serve until stop(); started again, it keeps its port."""
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="demo-openai", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure
        return self

    def stop(self) -> None:
        """Close all connections and end the thread; may be called again."""
        if self._thread and self._thread.is_alive():
            with suppress(RuntimeError):  # The loop has ended by itself.
                self._loop.call_soon_threadsafe(self.stopped.set)
            self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self.serve(self._ready.set))
        except BaseException as error:
            self._failure = error
            self._ready.set()

    async def serve(self, ready: Callable[[], object]) -> None:
        """Serve until `stopped` is set; call `ready` when the port is open."""
        self._loop = asyncio.get_running_loop()
        self.stopped = asyncio.Event()
        server = await self._loop.create_server(
            self._protocol, self.host, self.port, ssl=self.tls, backlog=2048
        )
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await self.stopped.wait()
        server.close()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(Reader(), partial(serve_connection, self))

    def remember(self, request: Request) -> Record:
        """Record a request; those for the demo's own pages are not kept."""
        self.count += 1
        record = Record.of(self.count, request)
        if not request.path.startswith("/demo/"):
            self.records.append(record)
            del self.records[:-RECORDS_KEPT]
            name = f" {json.dumps(record.model)}" if record.model else ""
            self.write_log(f"#{record.id} {record.method} {json.dumps(record.path)}{name}")
        return record

    def times_seen(self, x: Exchange) -> int:
        """Count a request by its text; return how often it has come, this time included."""
        text = json.dumps([x.model, x.data.get("messages"), x.data.get("prompt")])
        self.seen[text] += 1
        return self.seen[text]

    def write_log(self, line: str) -> None:
        if self.log:
            now = time.time()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now))
            print(f"{stamp}.{int(now % 1 * 1000):03} {line}", file=self.log, flush=True)
