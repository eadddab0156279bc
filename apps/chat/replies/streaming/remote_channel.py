"""Replies that other processes write: channels of this one, which are fed from outside.

The rows feed them, at most half a second after a save; where there is Redis, relay.py is sooner.
Both say where in the reply their text stands. So what comes twice is taken once, and either may
go away and come back at any time.
"""

import logging
import math
import threading
import time
from typing import NamedTuple

from django.db import close_old_connections
from django.db.models import BooleanField, ExpressionWrapper, F, Q

from apps.chat.models import Message
from apps.chat.replies.streaming.channels import Channel, Follower
from apps.server import lifecycle

logger = logging.getLogger("parlor.replies")

POLL_SECONDS = 0.5
EDITION = F("attempts") + F("recalls")  # Message.edition
QUIET_SECONDS = 1.0  # The row is read when the relay has been silent for so long.


class Row(NamedTuple):
    """A reply as its row tells it."""

    text: str
    edition: int
    in_progress: bool


class Mirror(Channel):
    """A reply that another process writes; it is there as long as somebody here follows it."""

    def __init__(self, reply_id: int, text: str, edition: int) -> None:
        super().__init__(reply_id)
        self.begin(text, edition)
        self.entry = "0"  # The last one taken from the relay.
        self.heard_at = -math.inf  # time.monotonic() of that moment.
        self._taking = threading.Lock()

    def take(self, position: int, text: str) -> bool:
        """Publish what is new of the text; tell whether nothing is missing before its position."""
        with self._taking:  # Row and relay may come at once.
            if position > self._length:
                return False
            self.publish(text[self._length - position :], "")
            return True

    def leave(self, follower: Follower) -> None:
        super().leave(follower)
        if not self._followers:
            self._forget()

    def close(self) -> None:
        self._forget()
        super().close()

    def _forget(self) -> None:
        with _lock:
            if followed.get(self.reply_id) is self:
                del followed[self.reply_id]


followed: dict[int, Mirror] = {}  # By reply.

_thread: threading.Thread | None = None
_lock = threading.Lock()  # Guards the two above.


def read_row(reply_id: int) -> Row | None:
    try:
        rows = Message.objects.filter(pk=reply_id)
        row = rows.values_list("content", EDITION, "state").first()
    finally:
        close_old_connections()  # A page that waits must not hold a connection.
    return Row(row[0], row[1], row[2] in Message.IN_PROGRESS) if row else None


def open_mirror(reply_id: int, row: Row) -> Mirror:
    """Make the mirror of a reply from its row; whoever asked for it joins it at once."""
    mirror = Mirror(reply_id, row.text, row.edition)
    if not row.in_progress:
        mirror.close()
        return mirror
    if earlier := followed.get(reply_id):
        earlier.close()  # It shows another text.
    with _lock:
        followed[reply_id] = mirror
        _start_reading()
    return mirror


def read_rows() -> None:
    """Feed the mirrors about which the relay is silent."""
    latest = time.monotonic() - QUIET_SECONDS
    quiet = {pk: mirror for pk, mirror in followed.copy().items() if mirror.heard_at <= latest}
    if not quiet:
        return
    thinks = ExpressionWrapper(~Q(reasoning=""), output_field=BooleanField())
    rows = Message.objects.filter(pk__in=quiet).annotate(thinks=thinks)
    ended = set(quiet)
    fields = rows.values_list("pk", "content", EDITION, "state", "thinks")
    for pk, text, edition, state, is_thinking in fields:
        if edition != quiet[pk].edition:
            continue  # That is another text: begun afresh, or without what was thought.
        quiet[pk].take(0, text)
        quiet[pk].is_thinking |= is_thinking
        if state in Message.IN_PROGRESS:
            ended.discard(pk)
    for pk in ended:  # A row that is gone has ended, too.
        quiet[pk].end()


def close_all() -> None:
    for each in followed.copy().values():
        each.close()


def _start_reading() -> None:
    global _thread
    if _thread is None:
        _thread = threading.Thread(target=_keep_reading, name="mirrors", daemon=True)
        _thread.start()


def _keep_reading() -> None:
    while True:
        time.sleep(POLL_SECONDS)
        try:
            read_rows()
        except Exception:
            logger.exception("replies of other processes were not read")  # They have to be soon.
        close_old_connections()
        if lifecycle.is_stopping():
            close_all()
