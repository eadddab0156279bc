"""From the threads that write replies to the pages that show them, within one process."""

import asyncio
import threading
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from apps.chat.replies.streaming import html_cache
from apps.markdown.stream import StreamRenderer


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
    edition: int


class Channel:
    """A reply as it is written, and its followers in this process."""

    def __init__(self, reply_id: int) -> None:
        self.reply_id = reply_id
        self.waiting_until: float | None = None  # time.monotonic() of the next try, if one waits.
        self.is_thinking = False  # Whether there is reasoning.
        self.edition = 1  # Which of the reply's texts this is: see Message.edition.
        self.on_stop: Callable[[], None] = lambda: None  # When another process asks for the end.
        self._lock = threading.Lock()
        self._renderer: StreamRenderer | None = None
        self._text: list[str] = []
        self._length = 0
        self._reasoning: list[str] = []
        self._followers: set[Follower] = set()
        self._closed = False

    def begin(self, text: str, edition: int) -> None:
        """Take the text that the reply goes on from; pages show it already."""
        with self._lock:
            self._text, self._length = [text], len(text)
            self._renderer = None
            self.edition = edition

    def publish(self, text: str, reasoning: str) -> None:
        """Add to the reply and send the new part to every follower."""
        with self._lock:
            if reasoning:
                self._reasoning.append(reasoning)
                self.is_thinking = True
            if not text:
                return
            self._text.append(text)
            self._length += len(text)
            if html := self._render(text):
                fragment = Fragment(html, self._length)
                for follower in self._followers:
                    follower.push(fragment)

    def recall(self, length: int, reasoning: str) -> "list[Follower]":
        """Take back the text after so many characters: it was this reasoning.

        What is left is another edition. Return the followers of the one before; they are told
        nothing more, and are to be dismissed as soon as their pages can get the new one.
        """
        with self._lock:
            kept = "".join(self._text)[:length]
            self._text, self._length = [kept], len(kept)
            self._renderer = None
            if reasoning:
                self._reasoning.append(reasoning)
            self.is_thinking = True
            self.edition += 1
            outdated, self._followers = list(self._followers), set()
            return outdated

    def _render(self, text: str) -> str:
        """Render the newest text once for all followers; while there are none, not at all."""
        if not self._followers:
            self._renderer = None
            return ""
        renderer, self._renderer = self._renderer, None  # One that fails lacks something.
        if renderer is None:
            renderer = StreamRenderer(prefix=html_cache.id_prefix(self.reply_id))
            # Their pages show it already; but not skip(), for end() wants the whole.
            renderer.feed("".join(self._text[:-1]))
        html = renderer.feed(text)
        self._renderer = renderer
        return html

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

    def end(self) -> None:
        """Close, because the reply has ended: who has followed it asks for all of it next."""
        try:
            with self._lock:
                renderer, self._renderer = self._renderer, None
                if renderer:
                    html_cache.keep(self.reply_id, "".join(self._text), renderer.whole())
        finally:
            self.close()

    def snapshot(self) -> Snapshot:
        with self._lock:
            return self._snapshot()

    def _snapshot(self) -> Snapshot:
        return Snapshot("".join(self._text), "".join(self._reasoning), self.edition)

    def pieces_after(self, number: int, edition: int) -> tuple[list[str], int]:
        """Return what follows so many pieces of that edition, or all of another, and which."""
        with self._lock:
            return self._text[number if edition == self.edition else 0 :], self.edition

    def join(self, follower: "Follower") -> Snapshot | None:
        """Let the follower have all that is published from this moment on, and nothing else.

        Return None where that would go on from another edition than its page shows.
        """
        with self._lock:
            follower.forget()
            if follower.edition != self.edition:
                return None
            self._followers.add(follower)
            if self._closed:
                follower.push(None)
            return self._snapshot()

    def leave(self, follower: "Follower") -> None:
        with self._lock:
            self._followers.discard(follower)


class Follower:
    """The asynchronous end of a channel, for one page, which shows an edition of the reply."""

    def __init__(self, edition: int) -> None:
        self.edition = edition
        self._loop = asyncio.get_running_loop()
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
            alarm = self._loop.call_later(seconds, self.wake)  # asyncio.timeout() costs more.
            try:
                await self._event.wait()
            finally:
                alarm.cancel()
        self._event.clear()
        return [self._news.popleft() for _ in range(len(self._news))]

    def forget(self) -> None:
        """Drop what has been pushed and not been taken."""
        self._news.clear()

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


written: dict[int, Channel] = {}  # What this process writes, by reply.
