"""A conversation as a PDF: the messages as a page shows them, laid out by pdf_worker.py.

Pictures in the HTML have to be `data:` addresses: the other process fetches nothing.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import Length
from django.template.loader import render_to_string

from apps.chat.message_tree import branch_ids
from apps.chat.models import Conversation, Message
from apps.chat.transfers.exports.pdf_worker import NO_PANGO
from apps.chat.transfers.exports.text import messages_by_id

# What is laid out at once: 150 pages, some seconds, 300 MB.
PART_MESSAGES = 500
PART_CHARS = 250_000
PICTURE_CHARS = 10_000  # A picture takes as long, and more memory.

ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "XDG_CACHE_HOME",
)  # No secrets.
STYLES = ("tokens", "base", "messages", "blocks", "highlight", "pdf")


class PdfUnavailable(Exception):
    """A library of the system is missing."""


class PdfFailed(Exception):
    """The pages could not be laid out, or not in time."""


def is_long(conversation: Conversation) -> bool:
    """Tell whether the PDF takes longer than somebody should have to wait for a page."""
    ids = branch_ids(conversation.tip_id)
    if len(ids) > PART_MESSAGES:
        return True
    sizes = Message.objects.filter(pk__in=ids).aggregate(
        chars=Sum(Length("content")), pictures=Count("picture")
    )
    size: int = (sizes["chars"] or 0) + sizes["pictures"] * PICTURE_CHARS
    return size > PART_CHARS


def write_pdf(
    conversation: Conversation, file: IO[bytes], note: Callable[[int, int], None]
) -> None:
    """Write the shown branch into the file; `note` hears how many messages are done.

    Raise PdfUnavailable or PdfFailed.
    """
    ids = branch_ids(conversation.tip_id)
    done = 0
    with _worker(file) as documents:
        for part in _parts(messages_by_id(ids)):
            html = render_to_string(
                "chat/pdf.html",
                {"conversation": conversation, "messages": part, "is_beginning": not done},
            ).encode()
            documents.write(b"%d\n" % len(html) + html)
            note(done, len(ids))  # The other process has begun with this part.
            done += len(part)


def _parts(messages: Iterator[Message]) -> Iterator[list[Message]]:
    part: list[Message] = []
    chars = 0
    for message in messages:
        size = len(message.content) + (PICTURE_CHARS if message.picture_id else 0)
        if part and (chars + size > PART_CHARS or len(part) == PART_MESSAGES):
            yield part
            part, chars = [], 0
        part.append(message)
        chars += size
    yield part


@contextmanager
def _worker(output: IO[bytes]) -> Iterator[IO[bytes]]:
    """Start the other process, and give what it reads; at the end it has written the output."""
    styles = [f"static/css/{name}.css" for name in STYLES]
    worker = subprocess.Popen(  # noqa: S603  # Our own module, in our own folder.
        [sys.executable, "-m", "apps.chat.transfers.exports.pdf_worker", *styles],
        stdin=subprocess.PIPE,
        stdout=output,
        cwd=settings.BASE_DIR,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        start_new_session=True,  # Ctrl-C is meant for the server.
    )
    assert worker.stdin  # noqa: S101  # It is a pipe.
    try:
        try:
            with worker.stdin as documents:
                yield documents
        except BrokenPipeError:
            pass  # It has ended; its status says why.
        status = worker.wait()
    finally:
        worker.kill()
        worker.wait()
    if status == NO_PANGO:
        raise PdfUnavailable
    if status:
        raise PdfFailed(status)
