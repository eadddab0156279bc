"""Replies between processes by way of Redis: at once, where the rows alone would take a second.

A process has one thread for it. Many times a second that makes one round trip for all replies: it
sends what was written here, as text with its position, and fetches what others have written of
the replies that are followed here. Who writes a reply never waits for it. While Redis is away the
rows have to do (mirrors.py); when it is back, what is being written is sent anew, from its start.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from django.conf import settings

from apps.chat.replies.streaming import channels, remote_channel
from apps.chat.replies.streaming.channels import Channel
from apps.chat.replies.streaming.remote_channel import Mirror
from apps.core.cache import redis_client

logger = logging.getLogger(__name__)

EXCHANGE_SECONDS = 0.05
LOOK_SECONDS = 5.0  # How often a process with nothing to do looks whether Redis is there.
STOP_SECONDS = 0.5  # What the process that writes a reply gets to stop it.
MOST_ENTRIES = 500  # Of one reply; who begins to follow it has what is older from the row.
KEPT_SECONDS = 60  # What nobody has fetched by then is in the rows.
CALLS = "calls"  # What all processes hear: which replies are to stop, and which have ended.

Entry = dict[str, Any]
Entries = Iterable[tuple[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Sent:
    """How much of a reply the others know."""

    edition: int = 0
    pieces: int = 0
    length: int = 0
    waiting_until: float | None = None
    is_thinking: bool = False


class Relay:
    """This process's end of the line."""

    def __init__(self) -> None:
        self._sent: dict[int, Sent] = {}
        self._ended: deque[tuple[int, Channel]] = deque()
        self._calls: deque[Entry] = deque()
        self._heard = "0"  # The last of the calls.
        self._awaited: dict[int, threading.Event] = {}  # Replies that others are to stop.
        self._exchanged_at = 0.0

    def run(self) -> None:
        while True:
            try:
                if self._has_work():
                    self.exchange()
            except redis_client.Away:
                pass
            except Exception:
                logger.exception("replies were not relayed")  # A bug; later ones have to be.
                time.sleep(LOOK_SECONDS)
            time.sleep(EXCHANGE_SECONDS)

    def _has_work(self) -> bool:
        if (
            channels.written
            or remote_channel.followed
            or self._ended
            or self._calls
            or self._awaited
        ):
            return True
        return time.monotonic() - self._exchanged_at >= LOOK_SECONDS

    def end(self, reply_id: int, channel: Channel) -> None:
        """Tell that a reply of this process has ended; its row says already how."""
        self._ended.append((reply_id, channel))

    def stop(self, reply_id: int) -> None:
        """Ask whoever writes the reply to stop it; return when it has ended, or after too long."""
        ended = self._awaited[reply_id] = threading.Event()
        self._calls.append({"stop": reply_id})
        ended.wait(STOP_SECONDS)
        self._awaited.pop(reply_id, None)

    def exchange(self) -> None:
        """Send what is new here, and take what is new elsewhere. Raise Away."""
        self._exchanged_at = time.monotonic()
        before, self._sent = self._sent, {}  # Forgotten, should this fail.
        written, ended = channels.written.copy(), dict(_taken(self._ended))
        calls = _taken(self._calls) + list(starmap(_ended, ended.items()))
        followed = {
            _text_key(pk, mirror.edition): mirror
            for pk, mirror in remote_channel.followed.copy().items()
        }
        with redis_client.attempt() as redis:
            pipe = redis.pipeline(transaction=False)
            sent = {
                pk: _send(pipe, channel, before.get(pk, Sent()))
                for pk, channel in (written | ended).items()
            }
            for reply_id, channel in ended.items():
                pipe.expire(_text_key(reply_id, channel.edition), KEPT_SECONDS)
            _call_out(pipe, calls)
            after: dict[Any, Any] = {key: mirror.entry for key, mirror in followed.items()}
            pipe.xread({**after, redis_client.key(CALLS): self._heard})
            *_, news = pipe.execute()
        self._sent = {reply_id: sent[reply_id] for reply_id in written}
        self._take(dict(news), followed)

    def _take(self, news: dict[str, Entries], followed: dict[str, Mirror]) -> None:
        calls = news.pop(redis_client.key(CALLS), ())
        for key, entries in news.items():
            _feed(followed[key], entries)
        for number, call in calls:
            self._heard = number
            self._answer(**{what: int(reply_id) for what, reply_id in call.items()})

    def _answer(self, stop: int = 0, ended: int = 0, attempt: int = 0) -> None:
        if channel := channels.written.get(stop):
            channel.on_stop()
        mirror = remote_channel.followed.get(ended)
        if mirror and mirror.edition == attempt:  # Else its text has become another.
            mirror.end()
        if awaited := self._awaited.get(ended):
            awaited.set()


def _send(pipe: Any, channel: Channel, before: Sent) -> Sent:
    """Send what is new of the reply; return how much the others know then."""
    pieces, edition = channel.pieces_after(before.pieces, before.edition)
    if edition != before.edition:
        before = Sent()
    key, until = _text_key(channel.reply_id, edition), channel.waiting_until
    text, is_thinking = "".join(pieces), channel.is_thinking
    entry: Entry = {"at": before.length, "text": text} if text else {}
    if until != before.waiting_until:
        entry["wait"] = max(0.0, until - time.monotonic()) if until else 0.0
    if is_thinking != before.is_thinking:
        entry["thinking"] = 1
    if not entry:
        return before
    is_first = before == Sent()
    if is_first:
        pipe.delete(key)
    pipe.xadd(key, entry, maxlen=MOST_ENTRIES, approximate=True)
    if is_first:
        pipe.expire(key, round(settings.OPENAI_TOTAL_SECONDS) + KEPT_SECONDS)
    length = before.length + len(text)
    return Sent(edition, before.pieces + len(pieces), length, until, is_thinking)


def _ended(reply_id: int, channel: Channel) -> Entry:
    return {"ended": reply_id, "attempt": channel.edition}  # The name of older versions.


def _call_out(pipe: Any, calls: list[Entry]) -> None:
    for call in calls:
        pipe.xadd(redis_client.key(CALLS), call, maxlen=MOST_ENTRIES, approximate=True)
    if calls:
        pipe.expire(redis_client.key(CALLS), KEPT_SECONDS)


def _feed(mirror: Mirror, entries: Entries) -> None:
    for number, entry in entries:
        if "text" in entry and not mirror.take(int(entry["at"]), entry["text"]):
            return  # It comes again, until the row has brought what is missing before it.
        mirror.entry, mirror.heard_at = number, time.monotonic()
        if "thinking" in entry:
            mirror.is_thinking = True
            mirror.tick()
        if "wait" in entry:
            seconds = float(entry["wait"])
            mirror.waiting_until = time.monotonic() + seconds if seconds else None
            mirror.tick()


def _taken(news: deque[Any]) -> list[Any]:
    """Empty the deque, to which other threads add."""
    return [news.popleft() for _ in range(len(news))]


def _text_key(reply_id: int, edition: int) -> str:
    return redis_client.key(f"{reply_id}.{edition}")  # Each is another text.


_relay = Relay()
_thread: threading.Thread | None = None
_thread_lock = threading.Lock()


def start() -> None:
    """Start the thread that relays, if there is to be Redis and unless it runs."""
    global _thread
    if not redis_client.is_wanted():
        return
    with _thread_lock:
        if _thread is None:
            _thread = threading.Thread(target=_relay.run, name="relay", daemon=True)
            _thread.start()


def end(reply_id: int, channel: Channel) -> None:
    if redis_client.is_wanted():
        _relay.end(reply_id, channel)


def stop(reply_id: int) -> None:
    if redis_client.is_here():
        _relay.stop(reply_id)
