"""From the thread that writes a reply to the pages that show it: Channel.publish() and follow().

A reply is text that only grows, and the HTML for more text depends on nothing but the text
before it. So a page that shows the first `position` characters can go on from there whoever
follows the reply for it, and in whichever process. What another process writes has a channel here
as well, a mirror: the rows feed it (mirrors.py), and Redis does so sooner (relay.py).
"""

from collections.abc import AsyncIterator

from django.db import connection

from apps.chat.models import Message
from apps.chat.replies.streaming import channels, html_cache, redis_relay, remote_channel
from apps.chat.replies.streaming.channels import Channel, Follower, Fragment
from apps.markdown.stream import StreamRenderer
from apps.server import lifecycle
from apps.server.request_threads import readers


def open_channel(reply_id: int) -> Channel:
    """Make the channel of a reply that this process is going to write."""
    redis_relay.start()
    return channels.written.setdefault(reply_id, Channel(reply_id))


def close_channel(reply_id: int) -> None:
    """Tell the followers that the reply has ended; its row says how."""
    if channel := channels.written.get(reply_id):
        redis_relay.end(reply_id, channel)
        channels.written.pop(reply_id, None)
        channel.end()


def channel_of(reply: Message) -> Channel | None:
    """Return the channel of what the row says that is being written, if there is one here."""
    channel = channels.written.get(reply.pk) or remote_channel.followed.get(reply.pk)
    return channel if channel and channel.edition == reply.edition else None


def close_all() -> None:
    """End every stream: the server stops, and pages come back by themselves."""
    for channel in channels.written.copy().values():
        channel.close()
    remote_channel.close_all()


def stop_elsewhere(reply_id: int) -> None:
    """Let the process that writes the reply, if it is another, stop it: it has the last words.

    Without Redis it cannot be asked; it looks at its rows every second. Nor is it asked in a
    transaction, for whose end it might have to wait.
    """
    if reply_id not in channels.written and not connection.in_atomic_block:
        redis_relay.stop(reply_id)


def partial(reply: Message) -> Fragment:
    """Return what there is of a reply in progress."""
    channel = channel_of(reply)
    text = (channel.snapshot().text if channel else "") or reply.content
    return Fragment(_render_rest(reply.pk, text, 0), len(text))


async def follow(
    reply: Message, position: int, idle_seconds: float
) -> AsyncIterator[Fragment | None]:
    """Yield what a page that shows the first `position` characters lacks, then what comes.

    Yield None after each `idle_seconds` without text, and when it is waited for differently.
    End when the reply ends, or its text becomes another, or the server stops.
    """
    if lifecycle.is_stopping():
        return
    channel = channel_of(reply)
    if channel is None:
        row = await readers.run(remote_channel.read_row, reply.pk)
        if row is None or row.edition != reply.edition:
            return
        channel = channel_of(reply) or remote_channel.open_mirror(reply.pk, row)
    follower = Follower(reply.edition)
    async for fragment in _follow(channel, follower, position, idle_seconds):
        yield fragment


async def _follow(
    channel: Channel, follower: Follower, position: int, idle_seconds: float
) -> AsyncIterator[Fragment | None]:
    known = channel.join(follower)
    try:
        # The page may have come from a process that was ahead of this one.
        while known and len(known.text) < position:
            news = await follower.wait(idle_seconds)
            known = channel.join(follower)
            if None in news:
                break
            yield None
        if known is None:
            return
        if missed := await _render_from(channel.reply_id, known.text, position):
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
    renderer = StreamRenderer(prefix=html_cache.id_prefix(reply_id))
    renderer.skip(text[:position])
    return renderer.feed(text[position:])
