"""How a reply is waited for, in words: shown where its text will be."""

import time

from django.utils.translation import gettext, ngettext

from apps.chat.models import Message
from apps.chat.replies import writer
from apps.chat.replies.streaming import follow


def waiting_note(reply: Message, seconds: int) -> str:
    """Return what the reply waits for, after so many seconds."""
    if reply.picture_id:
        return gettext("The picture is being made, {n} s …").format(n=seconds)
    channel = follow.channel_of(reply)
    if channel and channel.waiting_until:
        left = max(1, round(channel.waiting_until - time.monotonic()))
        return ngettext(
            "The AI service is busy. Asking again in {n} second …",
            "The AI service is busy. Asking again in {n} seconds …",
            left,
        ).format(n=left)
    if writer.is_queued(reply.pk):
        return _place(writer.ahead_of(reply.pk))
    if channel and channel.is_thinking:
        return gettext("Thinking, {n} s …").format(n=seconds)
    return gettext("Waiting for the reply, {n} s …").format(n=seconds)


def _place(ahead: int) -> str:
    if not ahead:
        return gettext("Next in the queue …")
    return ngettext(
        "Waiting: {n} reply is ahead of this one …",
        "Waiting: {n} replies are ahead of this one …",
        ahead,
    ).format(n=ahead)
