"""The files that came with imported messages, checked and made harmless as uploaded ones are."""

import copy
from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile

from apps.chat.attachments import uploads
from apps.chat.attachments.text_extraction import FileRefused
from apps.chat.models import Attachment
from apps.chat.transfers.imports.archive_files import File, Stock
from apps.chat.transfers.imports.conversation import Conversation
from apps.chat.transfers.imports.values import line, paragraphs
from apps.chat.transfers.progress import Progress
from apps.core.files import quota
from apps.ghibli_converter.images.sanitizer import PictureRefused
from apps.users.models import User

TITLE_CHARS = 100


def make_attachments(
    user: User, read: Conversation, progress: Progress
) -> list[tuple[int, Attachment]]:
    """Store the files; return the places of their messages, with rows that are not saved.

    What cannot be taken gets words in its place, and a note that says why.
    """
    made: list[tuple[int, Attachment]] = []
    known: dict[str, Attachment] = {}  # By the files: branches share them.
    for place, files in read.files.items():
        for file in files:
            progress.go_on()
            try:
                stored = known.get(file.found.key) or _made(user, read.stock, file, known)
            except (FileRefused, PictureRefused, quota.StorageFull) as error:
                message = read.messages[place]
                message.content = paragraphs([message.content, file.stand_in])
                reason = error.sentence if isinstance(error, quota.StorageFull) else str(error)
                progress.note("refused_file", line(read.title, TITLE_CHARS), 1, reason)
            else:
                known[file.found.key] = stored
                attachment = copy.copy(stored)
                attachment.name = file.name
                made.append((place, attachment))
    return made


def _made(user: User, stock: Stock, file: File, before: dict[str, Attachment]) -> Attachment:
    size = sum(each.size for each in before.values())
    quota.check(user.pk, size + file.found.size)
    data = stock.read(file.found)
    upload = InMemoryUploadedFile(BytesIO(data), None, file.name, None, len(data), None)
    return uploads.make(user, None, upload)
