"""The pictures in a reply: made harmless and stored while it is written, as its attachments."""

import logging
import uuid
from copy import copy
from hashlib import blake2b
from io import BytesIO
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction

from apps.chat.attachments.services import FOLDER
from apps.chat.context.attachments import estimate_picture_tokens
from apps.chat.models import Attachment, Message
from apps.chat.placeholders import PICTURE, description_of, stand_in
from apps.core.files import quota, storage
from apps.gateway.client import ReplyPicture
from apps.ghibli_converter.images import sanitizer

logger = logging.getLogger("parlor.replies")

MOST = 20  # In one reply.
MOST_BYTES = 15_000_000  # Of one as it came.

# Why there is no picture, in the text of the reply: the model will read it, too.
_REASONS = {
    "address": "only its address came, and it is not fetched",
    "broken": "it is damaged, or of a kind that cannot be shown",
    "cut": "its end is missing",
    "large": "it is too large",
    "many": "there are too many in this reply",
    "room": "there is no room for more files",
    "stored": "it could not be stored",
    "svg": "an SVG drawing cannot be shown",
}


class _NotKept(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReplyPictures:
    """Those of one reply; each is stored once, under the condition that the run still owns it."""

    def __init__(self, reply: Message, run_id: uuid.UUID) -> None:
        self._reply, self._run_id = reply, run_id
        self._rows: dict[bytes, dict[str, Attachment]] = {}  # By what came, and description.

    def take(self, picture: ReplyPicture) -> str:
        """Store the picture; return what stands for it in the text, or says why it is missing."""
        description = description_of(picture.description)
        try:
            self._keep(picture, description)
        except _NotKept as error:
            return not_kept(description, error.reason, picture.host)
        finally:
            close_old_connections()  # None of a pool is held while the service writes.
        return stand_in(description)

    def _keep(self, picture: ReplyPicture, description: str) -> None:
        if reason := problem_of(picture):
            raise _NotKept(reason)
        rows = self._rows.get(blake2b(picture.data).digest(), {})
        if description in rows:
            return
        if sum(map(len, self._rows.values())) >= MOST:
            raise _NotKept("many")
        try:
            same = next(iter(rows.values()), None) or self._stored(picture.data)
            row = self._write(same, description)
        except quota.StorageFull as error:
            raise _NotKept("room") from error
        except (OSError, DatabaseError) as error:
            logger.warning("reply %s: a picture could not be stored", self._reply.pk)
            raise _NotKept("stored") from error
        self._rows.setdefault(blake2b(picture.data).digest(), {})[description] = row

    def _stored(self, data: bytes) -> Attachment:
        """Store the picture, of which no row is saved yet."""
        picture, small = _checked(data)
        conversation = self._reply.conversation
        quota.check(conversation.user_id, len(picture.data))
        return Attachment(
            **_about(picture, small),
            file=storage.store(picture.data, FOLDER, picture.format),
            thumbnail=storage.store(small.data, FOLDER, small.format),
            user_id=conversation.user_id,
            conversation=conversation,
            message=self._reply,
        )

    def _write(self, like: Attachment, description: str) -> Attachment:
        """Save a row, unless somebody else has ended or deleted the reply: its file goes, then."""
        row = copy(like)
        row.pk, row.name = None, f"{description}.{like.content_type.rpartition('/')[2]}"
        ours = Message.objects.filter(pk=self._reply.pk).run_by(self._run_id)
        with transaction.atomic():
            if ours.select_for_update().exists():
                row.save(force_insert=True)
        if row.pk is None and like.pk is None:
            for file in (row.file, row.thumbnail):
                storage.remove(str(file))
        return row


def problem_of(picture: ReplyPicture) -> str:
    """Return why the picture cannot be used, as far as its bytes tell; "" if they do not."""
    if picture.problem:
        return picture.problem
    if b"<svg" in picture.data[:2000].lower():
        return "svg"
    return "large" if len(picture.data) > MOST_BYTES else ""


def not_kept(description: str, reason: str, host: str = "") -> str:
    """Return the line for a picture that is not kept."""
    why = f"{_REASONS[reason]}: {host}" if host else _REASONS[reason]
    name = PICTURE if description == PICTURE else f"{PICTURE}: {description}"
    return f"[{name} (not kept: {why})]"


def _checked(data: bytes) -> tuple[sanitizer.Picture, sanitizer.Picture]:
    try:
        return sanitizer.of_reply(BytesIO(data), MOST_BYTES)
    except sanitizer.PictureRefused as error:
        raise _NotKept("broken") from error


def _about(picture: sanitizer.Picture, small: sanitizer.Picture) -> dict[str, Any]:
    return {
        "kind": Attachment.Kind.PICTURE,
        "content_type": picture.content_type,
        "size": len(picture.data),
        "width": picture.width,
        "height": picture.height,
        "thumbnail_width": small.width,
        "thumbnail_height": small.height,
        "tokens": estimate_picture_tokens(picture.width, picture.height),
    }
