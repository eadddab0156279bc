"""The bodies of requests: read as far as their sender and their address may have them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from apps.server.admission.control import Holding
from apps.server.admission.senders import Sender
from apps.server.admission.view_needs import Needs

# Of whoever never was logged in here, in bytes: they log in, register, and ask for a password.
STRANGER_BYTES = 200_000
PATIENCE_SECONDS = 30.0  # Then it has to come,
SLOWEST = 1000  # bytes a second, or the connection is closed.
DISCARDED = 8  # Times the limit that are read only so that the refusal can be, too.
SECONDS_PER_BYTE = 3e-9  # Of the processor that all share: what reading costs the event loop.
FILES = re.compile(rb'filename="[^"]')  # In a form whose file field is not empty.

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


def most_bytes(needs: Needs | None, sender: Sender) -> int:
    """Return how large the body of a request may be."""
    if needs is None:
        return 0  # Nothing is there that would read it.
    most = needs.body_bytes()
    if sender.is_person:
        return most
    # Somebody's session may be over; their words are kept, and what else they sent is not.
    return min(most, settings.UPLOAD_MAX_BYTES if sender.was_person else STRANGER_BYTES)


def bytes_at_once(most: int, sender: Sender) -> int:
    """Return how much all bodies of one sender may have that are under way, this one included."""
    return max(most, (2 if sender.is_person else 1) * settings.UPLOAD_MAX_BYTES)


class LimitedBody:
    """What a client sends, without what is more than it may.

    All of it is read nevertheless: browsers do not look at an answer before they have sent.
    """

    def __init__(self, receive: Receive, most: int, at_once: int, holding: Holding) -> None:
        self._receive = receive
        self._most = most
        self._at_once = at_once
        self._holding = holding
        self._begun = asyncio.get_running_loop().time()
        self._read = 0
        self._held = 0
        self.is_over = False
        self.is_cut = False  # It was so much that the rest is not awaited.

    async def __call__(self) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout_at(self._begun + PATIENCE_SECONDS + self._read / SLOWEST):
                message = await self._receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        size = len(message.get("body", b""))
        self._read += size
        self._holding.charge(size * SECONDS_PER_BYTE)
        if self._read > DISCARDED * max(self._most, STRANGER_BYTES):
            self.is_cut = True
            return {"type": "http.disconnect"}
        if self._read > self._most or self._holding.bytes + size > self._at_once:
            self.is_over = True
            self.release()
        if self.is_over:
            return {**message, "body": b""} if size else message
        self._held += size
        self._holding.bytes += size
        return message

    def release(self) -> None:
        """Count the body no longer among what its sender has under way."""
        self._holding.bytes -= self._held
        self._held = 0


class TooLarge:
    """In the place of a body that was not kept."""

    def read(self, *_: int) -> bytes:
        raise RequestDataTooBig("The request is larger than it may be.")

    def close(self) -> None:
        pass


def has_files(headers: Mapping[bytes, bytes], body: Any) -> bool:
    """Return whether it is a form with a file in it."""
    if not headers.get(b"content-type", b"").startswith(b"multipart/"):
        return False
    if isinstance(body, TooLarge):
        return False
    start = body.read(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
    found = bool(body.read(1)) or FILES.search(start) is not None
    body.seek(0)
    return found
