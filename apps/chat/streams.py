"""From the thread that writes a reply to the pages that show it: publish() and follow().

A reply is text that only grows, and the HTML for more text depends on nothing but the text
before it. So a page that shows the first `position` characters can go on from there whoever
follows the reply for it, and in whichever process: the row alone is enough.
"""

import asyncio
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from django.db import close_old_connections

from apps.chat.markdown import StreamRenderer
from apps.chat.models import Message
from apps.core import lifecycle
from apps.core.web_threads import readers

POLL_SECONDS = 0.5  # How often the row is read where nothing tells of news.


@dataclass(frozen=True, slots=True)
class Fragment:
    """HTML to append to the page, which then shows the first `position` characters."""

    html: str
    position: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A reply as it is at one moment."""

    text: str
    reasoning: str


class Channel:
    """A reply that is written in this process, and its followers."""

    def __init__(self, reply_id: int) -> None:
        self.waiting_until: float | None = None  # time.monotonic() of the next try, if one waits.
        self._prefix = fragment_prefix(reply_id)
        self._lock = threading.Lock()
        self._renderer: StreamRenderer | None = None
        self._text: list[str] = []
        self._length = 0
        self._reasoning: list[str] = []
        self._followers: set[Follower] = set()
        self._closed = False

    def begin(self, text: str) -> None:
        """Take the text that the reply goes on from; pages show it already."""
        with self._lock:
            self._text, self._length = [text], len(text)

    def publish(self, text: str, reasoning: str) -> None:
        """Add to the reply and send the new part to every follower."""
        with self._lock:
            if reasoning:
                self._reasoning.append(reasoning)
            if not text:
                return
            self._text.append(text)
            self._length += len(text)
            if html := self._render(text):
                fragment = Fragment(html, self._length)
                for follower in self._followers:
                    follower.push(fragment)

    def _render(self, text: str) -> str:
        """Render the newest text once for all followers; while there are none, not at all."""
        if not self._followers:
            self._renderer = None
            return ""
        if self._renderer is None:
            self._renderer = StreamRenderer(prefix=self._prefix)
            self._renderer.skip("".join(self._text[:-1]))
        return self._renderer.feed(text)

    def tick(self) -> None:
        """Tell the followers that how the reply is waited for has changed."""
        with self._lock:
            for follower in self._followers:
                follower.push(Fragment("", 0))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for follower in self._followers:
                follower.push(None)

    def snapshot(self) -> Snapshot:
        with self._lock:
            return Snapshot("".join(self._text), "".join(self._reasoning))

    def join(self, follower: "Follower") -> Snapshot:
        """Let the follower have all that is published from this moment on."""
        with self._lock:
            self._followers.add(follower)
            if self._closed:
                follower.push(None)
            return Snapshot("".join(self._text), "".join(self._reasoning))

    def leave(self, follower: "Follower") -> None:
        with self._lock:
            self._followers.discard(follower)


class Follower:
    """The asynchronous end of a channel, for one page."""

    def __init__(self) -> None:
        self._bell = _Bell.of_this_loop()
        self._news: deque[Fragment | None] = deque()  # Its two ends are safe between threads.
        self._event = asyncio.Event()

    def push(self, fragment: Fragment | None) -> None:
        """Hand over a fragment, or None for the end, from any thread."""
        self._news.append(fragment)
        self._bell.ring(self)

    async def wait(self, seconds: float) -> list[Fragment | None]:
        """Return what has been pushed, after at most so many seconds."""
        if not self._news:
            try:
                async with asyncio.timeout(seconds):
                    await self._event.wait()
            except TimeoutError:
                return []
        self._event.clear()
        return [self._news.popleft() for _ in range(len(self._news))]

    def wake(self) -> None:
        self._event.set()


class _Bell:
    """Wake followers in their event loop: hundreds of pushes cost the loop one wake-up."""

    _bells: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Bell]" = (
        weakref.WeakKeyDictionary()
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._lock = threading.Lock()
        self._rung: list[Follower] = []

    @classmethod
    def of_this_loop(cls) -> "_Bell":
        loop = asyncio.get_running_loop()
        return cls._bells.setdefault(loop, cls(loop))

    def ring(self, follower: Follower) -> None:
        with self._lock:
            self._rung.append(follower)
            if len(self._rung) > 1:
                return  # The loop has been told and has not come round yet.
        loop = self._loop()
        if loop and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        with self._lock:
            rung, self._rung = self._rung, []
        for follower in rung:
            follower.wake()


_channels: dict[int, Channel] = {}


def open_channel(reply_id: int) -> Channel:
    """Make the channel of a reply that this process is going to write."""
    return _channels.setdefault(reply_id, Channel(reply_id))


def close_channel(reply_id: int) -> None:
    """Tell the followers that the reply has ended; its row says how."""
    if channel := _channels.pop(reply_id, None):
        channel.close()


def channel_of(reply_id: int) -> Channel | None:
    return _channels.get(reply_id)


def close_all() -> None:
    """End every stream: the server stops, and pages come back by themselves."""
    for channel in list(_channels.values()):
        channel.close()


def publish(reply_id: int, text: str, reasoning: str = "") -> None:
    """Send the next part of a reply to the pages that show it."""
    if channel := _channels.get(reply_id):
        channel.publish(text, reasoning)


def fragment_prefix(reply_id: int) -> str:
    """Return what the ids inside the reply's HTML begin with."""
    return f"m{reply_id}-"


def partial(reply: Message) -> Fragment:
    """Return what there is of a reply in progress."""
    channel = _channels.get(reply.pk)
    text = (channel.snapshot().text if channel else "") or reply.content
    return Fragment(_render_rest(reply.pk, text, 0), len(text))


async def follow(
    reply_id: int, position: int, idle_seconds: float
) -> AsyncIterator[Fragment | None]:
    """Yield what a page that shows the first `position` characters lacks, then what comes.

    Yield None after each `idle_seconds` without text, and when it is waited for differently.
    End when the reply ends or the server stops.
    """
    if lifecycle.is_stopping():
        return
    channel = _channels.get(reply_id)
    source = (
        _follow_channel(channel, reply_id, position, idle_seconds)
        if channel
        else _follow_row(reply_id, position, idle_seconds)
    )
    async for fragment in source:
        yield fragment


async def _follow_channel(
    channel: Channel, reply_id: int, position: int, idle_seconds: float
) -> AsyncIterator[Fragment | None]:
    follower = Follower()
    snapshot = channel.join(follower)
    try:
        if missed := await _render_from(reply_id, snapshot.text, position):
            yield missed
        while True:
            news = await follower.wait(idle_seconds)
            if fragments := [fragment for fragment in news if fragment and fragment.html]:
                html = "".join(fragment.html for fragment in fragments)
                yield Fragment(html, fragments[-1].position)
            if None in news:
                return
            if not fragments:
                yield None
    finally:
        channel.leave(follower)


async def _render_from(reply_id: int, text: str, position: int) -> Fragment | None:
    if len(text) <= position:
        return None
    html = await readers.run_first(_render_rest, reply_id, text, position)
    return Fragment(html, len(text))


def _render_rest(reply_id: int, text: str, position: int) -> str:
    renderer = StreamRenderer(prefix=fragment_prefix(reply_id))
    renderer.skip(text[:position])
    return renderer.feed(text[position:])


async def _follow_row(
    reply_id: int, position: int, idle_seconds: float
) -> AsyncIterator[Fragment | None]:
    renderer = StreamRenderer(prefix=fragment_prefix(reply_id))
    shown: int | None = None
    idle = 0.0
    while row := await readers.run(_read_row, reply_id):
        text, in_progress = row
        if shown is None:
            renderer.skip(text[:position])
            shown = min(position, len(text))
        if len(text) > shown:
            yield Fragment(renderer.feed(text[shown:]), len(text))
            shown, idle = len(text), 0.0
        if not in_progress or lifecycle.is_stopping():
            return
        await asyncio.sleep(POLL_SECONDS)
        idle += POLL_SECONDS
        if idle >= idle_seconds:
            yield None
            idle = 0.0


def _read_row(reply_id: int) -> tuple[str, bool] | None:
    try:
        fields = Message.objects.filter(pk=reply_id).values_list("content", "state")
        row = fields.first()
    finally:
        close_old_connections()  # A page that waits must not hold a connection.
    return (row[0], row[1] in Message.IN_PROGRESS) if row else None
