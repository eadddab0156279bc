"""The files that come with a form: looked at, made harmless, and stored until they are sent."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, ngettext

from apps.chat.attachments.document_formats import Format, format_of
from apps.chat.attachments.services import FOLDER
from apps.chat.attachments.text_extraction import Document, FileRefused, read_document, read_text
from apps.chat.context.attachments import estimate_picture_tokens
from apps.chat.context.builder import estimate_tokens
from apps.chat.models import Attachment, Conversation
from apps.chat.models.attachments import NAME_CHARS
from apps.chat.usage import text_quota
from apps.core.files import quota, storage
from apps.core.files.disk_space import is_unstorable
from apps.core.text import clean_name
from apps.ghibli_converter.images import sanitizer
from apps.users.models import User

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    Upload = UploadedFile[bytes]

logger = logging.getLogger(__name__)

READING_SECONDS = 30.0  # For all files of one request; its page waits.
PICTURE_NAMES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".heif", ".svg", ".bmp"}
PICTURE_NAMES |= {".tif", ".tiff", ".avif", ".ico", ".psd", ".eps"}


@dataclass(slots=True)
class Kept:
    """The files that go with a message, and what is to be said of those that do not."""

    ids: list[int] = field(default_factory=list)  # As asked for; some may be gone.
    waiting: list[Attachment] = field(default_factory=list)
    new: list[Attachment] = field(default_factory=list)  # Those of them that came just now.
    refusals: list[str] = field(default_factory=list)
    fingerprint: str = ""  # The same for the same files.
    status: int = 422  # Of the answer, should the message be refused.
    has_failed: bool = False  # To store them; nothing is wrong with them.

    def note_failure(self, error: Exception) -> None:
        """Say of files that could not be stored what is to be done; others stay as they are."""
        logger.error("files could not be stored", exc_info=error)
        self.refusals.append(gettext("Your files could not be saved. Attach them again."))
        self.has_failed = True
        if is_unstorable(error):
            self.status = 503


def keep(
    user: User,
    conversation: Conversation | None,
    uploads: Sequence["Upload"],
    waiting: Sequence[int] = (),
) -> Kept:
    """Store what was uploaded, to be sent with the message that it came with, or with the next.

    `waiting` are the ids of files that were stored before. Each file that cannot be taken has a
    refusal instead.
    """
    kept = Kept(list(waiting))
    if waiting:
        kept.waiting += user.attachments.waiting().filter(pk__in=waiting)
    kept.fingerprint = "".join(f"\0{upload.name}\0{upload.size}" for upload in uploads)
    kept.fingerprint += "".join(f"\0{pk}" for pk in waiting)
    until = time.monotonic() + READING_SECONDS
    for upload in uploads:
        try:
            _check_room(user, upload, len(kept.waiting), until)
            attachment = make(user, conversation, upload)
        except (FileRefused, sanitizer.PictureRefused) as error:
            kept.refusals.append(f"“{name_of(upload)}”: {error}")
        except OSError as error:
            kept.note_failure(error)
            break
        else:
            attachment.save()
            text_quota.add(user.pk, text_quota.size_of(attachment.text))
            kept.ids.append(attachment.pk)
            kept.new.append(attachment)
            kept.waiting.append(attachment)
    return kept


def name_of(upload: "Upload") -> str:
    """Return the file's name as it may be shown, its suffix kept."""
    return clean_name(upload.name or "", NAME_CHARS) or gettext("file")


def _check_room(user: User, upload: "Upload", others: int, until: float) -> None:
    if others >= settings.CHAT_ATTACHMENTS:
        sentence = ngettext(
            "A message can have {n} file.",
            "A message can have {n} files.",
            settings.CHAT_ATTACHMENTS,
        )
        raise FileRefused(sentence.format(n=settings.CHAT_ATTACHMENTS))
    if time.monotonic() > until:
        raise FileRefused(gettext("Reading these files takes too long. Attach fewer at a time."))
    try:
        quota.check(user.pk, upload.size or 0)
    except quota.StorageFull as error:
        raise FileRefused(error.sentence) from error
    try:
        text_quota.check(user.pk)
    except text_quota.TextFull as error:
        raise FileRefused(error.sentence) from error


def make(user: User, conversation: Conversation | None, upload: "Upload") -> Attachment:
    """Store one file; return its row, which is not saved. Raise FileRefused or PictureRefused."""
    head = upload.read(1024)
    upload.seek(0)
    name = name_of(upload)
    suffix = PurePath(name).suffix.lower()
    about = {"user": user, "conversation": conversation, "name": name}
    if suffix in PICTURE_NAMES or sanitizer.kind_of(head):
        return _store_picture(upload, about)
    if not upload.size:
        raise FileRefused(gettext("This file is empty."))
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        sentence = gettext("This file is too large; {limit} are allowed.")
        limit = filesizeformat(settings.ATTACHMENT_MAX_BYTES)
        raise FileRefused(sentence.format(limit=limit))
    data = upload.read()
    if format := format_of(suffix, data):
        return _store_document(data, format, about)
    return _store_text(data, about)


def _store_picture(upload: "Upload", about: dict[str, Any]) -> Attachment:
    picture, small = sanitizer.with_thumbnail(upload)
    return _written(
        picture.data,
        picture.format,
        thumbnail=storage.store(small.data, FOLDER, small.format),
        kind=Attachment.Kind.PICTURE,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        thumbnail_width=small.width,
        thumbnail_height=small.height,
        tokens=estimate_picture_tokens(picture.width, picture.height),
        **about,
    )


def _store_document(data: bytes, format: Format, about: dict[str, Any]) -> Attachment:
    document = read_document(data, format)
    more = {"kind": format.kind, "content_type": format.content_type}
    return _written(data, format.stored_suffix, **more, **_given(document), **about)


def _store_text(data: bytes, about: dict[str, Any]) -> Attachment:
    text, document = read_text(data)
    more = {"kind": Attachment.Kind.TEXT, "content_type": "text/plain; charset=utf-8"}
    return _written(text.encode(), "txt", **more, **_given(document), **about)


def _given(document: Document) -> dict[str, Any]:
    return {
        "text": document.text,
        "given_chars": len(document.text),
        "chars": document.chars,
        "pages": document.pages,
        "pages_read": document.pages_read,
        "reading": document.reading,
        "tokens": estimate_tokens(document.text),
    }


def _written(data: bytes, suffix: str, **fields: Any) -> Attachment:
    file = storage.store(data, FOLDER, suffix)
    return Attachment(file=file, size=len(data), **fields)
