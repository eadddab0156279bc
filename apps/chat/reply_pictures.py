"""The pictures in a reply: made harmless and stored while it is written, as its attachments."""

import logging
from hashlib import blake2b
from io import BytesIO
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction

from apps.chat.attachment_context import estimate_picture_tokens
from apps.chat.attachments import FOLDER
from apps.chat.models import Attachment, Message
from apps.chat.stand_ins import PICTURE, description_of, stand_in
from apps.core import files, quota
from apps.core.openai_gateway import ReplyPicture
from apps.ghibli_converter import images

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

    def __init__(self, reply: Message, run_id: object) -> None:
        self._reply, self._run_id = reply, run_id
        self._known: dict[bytes, str] = {}  # Hashes of pictures, and what stands for them.

    def take(self, picture: ReplyPicture) -> str:
        """Store the picture; return what stands for it in the text, or says why it is missing."""
        description = description_of(picture.description)
        key = blake2b(picture.data, digest_size=16).digest()
        try:
            if not picture.problem and key in self._known:
                return self._known[key]
            self._store(picture, description)
        except _NotKept as error:
            return not_kept(description, error.reason, picture.host)
        finally:
            close_old_connections()  # None of a pool is held while the service writes.
        self._known[key] = stand_in(description)
        return self._known[key]

    def _store(self, picture: ReplyPicture, description: str) -> None:
        if reason := problem_of(picture):
            raise _NotKept(reason)
        if len(self._known) >= MOST:
            raise _NotKept("many")
        try:
            self._write(*_checked(picture.data), description)
        except quota.StorageFull as error:
            raise _NotKept("room") from error
        except (OSError, DatabaseError) as error:
            logger.warning("reply %s: a picture could not be stored", self._reply.pk)
            raise _NotKept("stored") from error

    def _write(self, picture: images.Picture, small: images.Picture, description: str) -> None:
        conversation = self._reply.conversation
        quota.check(conversation.user_id, len(picture.data))
        names = [files.store(each.data, FOLDER, each.format) for each in (picture, small)]
        row = Attachment(
            **_about(picture, small),
            file=names[0],
            thumbnail=names[1],
            name=f"{description}.{picture.format}",
            user_id=conversation.user_id,
            conversation=conversation,
            message=self._reply,
        )
        if not self._save(row):
            for name in names:
                files.remove(name)

    def _save(self, row: Attachment) -> bool:
        """Save the row, unless somebody else has ended or deleted the reply."""
        with transaction.atomic():
            ours = Message.objects.filter(pk=self._reply.pk).run_by(self._run_id)  # type: ignore[arg-type]
            if not ours.select_for_update().exists():
                return False
            row.save(force_insert=True)
        return True


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


def _checked(data: bytes) -> tuple[images.Picture, images.Picture]:
    try:
        return images.of_reply(BytesIO(data), MOST_BYTES)
    except images.PictureRefused as error:
        raise _NotKept("broken") from error


def _about(picture: images.Picture, small: images.Picture) -> dict[str, Any]:
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
