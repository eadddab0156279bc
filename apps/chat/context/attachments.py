"""What the model sees of attached files: text with a frame around it, pictures beside the text."""

from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from apps.chat.models import Attachment, Message
from apps.chat.placeholders import files_apart
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.core.files import storage
from apps.gateway.reply.content import Content, picture_part, text_part

LINE_TOKENS = 20  # Of the line that stands in place of a file, about.
_TILE, _TILE_TOKENS, _PICTURE_TOKENS = 512, 170, 85  # As OpenAI counts a picture.
_LONG_EDGE, _SHORT_EDGE = 2048, 768  # To which it is reduced before.


def estimate_picture_tokens(width: int, height: int) -> int:
    """Return about how many tokens the picture has: OpenAI's way of counting; others differ."""
    scale = min(1, _LONG_EDGE / max(width, height), _SHORT_EDGE / min(width, height))
    tiles = [-(-round(edge * scale) // _TILE) for edge in (width, height)]
    return _PICTURE_TOKENS + _TILE_TOKENS * tiles[0] * tiles[1]


def sees_pictures(model: str) -> bool:
    return any(fnmatchcase(model, pattern) for pattern in settings.CHAT_VISION_MODELS)


class AttachedFiles:
    """The files of the conversation that a reply belongs to, taken as far as there is room."""

    def __init__(self, reply: Message) -> None:
        self._of: dict[int | None, list[Attachment]] = {}
        # Services take no pictures from a model; what it has drawn is told in words.
        self._drawn: dict[int | None, list[Attachment]] = {}
        for attachment in _sent(conversation=reply.conversation_id):
            is_drawn = attachment.is_picture and attachment.role == Message.Role.ASSISTANT  # type: ignore[attr-defined]
            files = self._drawn if is_drawn else self._of
            files.setdefault(attachment.message_id, []).append(attachment)
        self._sees = sees_pictures(reply.model)
        self._left_out: set[int] = set()

    def __contains__(self, message: Message) -> bool:
        return message.pk in self._of or message.pk in self._drawn

    def choose(self, message: Message, room: int) -> int:
        """Choose the message's files for which there is room; return the tokens that takes.

        For each of the others a line says that it is missing.
        """
        for attachment in self._of.get(message.pk, []):
            is_seen = self._sees or not attachment.is_picture
            if is_seen and cost(attachment) <= room:
                self._left_out.discard(attachment.pk)
            else:
                self._left_out.add(attachment.pk)
            room -= self._cost(attachment)
        return self.cost(message)

    def cost(self, message: Message) -> int:
        words = LINE_TOKENS * len(self._drawn.get(message.pk, []))
        return words + sum(map(self._cost, self._of.get(message.pk, [])))

    def left_out(self, message: Message) -> list[int]:
        """Return the ids of the files that the message has lost."""
        files = self._of.get(message.pk, [])
        return [attachment.pk for attachment in files if attachment.pk in self._left_out]

    def content(self, message: Message) -> Content:
        """Return what is sent of the message: its text, and the files that were chosen."""
        drawn = files_apart(message.content, self._drawn.get(message.pk, []))
        texts, pictures = [message.content, *(file.stand_in for file in drawn)], []
        for attachment in self._of.get(message.pk, []):
            if attachment.pk in self._left_out:
                texts.append(self._missing(attachment))
            elif attachment.is_picture:
                pictures.append(_picture(attachment))
            else:
                texts.append(_framed(attachment))
        return _content([text for text in texts if text.strip()], pictures)

    def _cost(self, attachment: Attachment) -> int:
        return LINE_TOKENS if attachment.pk in self._left_out else cost(attachment)

    def _missing(self, attachment: Attachment) -> str:
        if attachment.is_picture and not self._sees:
            return f"[picture {attachment.name} not included: this model sees no pictures]"
        return f"[attachment {attachment.name} no longer included]"


@PreparedQuery
def _sent() -> QuerySet[Attachment]:
    sent: QuerySet[Attachment] = Attachment.objects.filter(
        message__conversation=Parameter("conversation")
    ).annotate(role=F("message__role"))
    return sent


def cost(attachment: Attachment) -> int:
    """Return about how many tokens the file takes, with what stands around it."""
    return attachment.tokens + LINE_TOKENS


def _content(texts: list[str], pictures: list[dict[str, Any]]) -> Content:
    text = "\n\n".join(texts)
    if not pictures:
        return text
    return [text_part(text), *pictures] if text else pictures


def _picture(attachment: Attachment) -> dict[str, Any]:
    try:
        return picture_part(storage.read(str(attachment.file)), attachment.content_type)
    except OSError:  # Its file is gone, though its row is not.
        return text_part(f"[attachment {attachment.name} cannot be read any more]")


def _framed(attachment: Attachment) -> str:
    name = attachment.name.replace('"', "'")
    extent = f' given="{attachment.extent}"' if attachment.is_cut else ""
    remarks = attachment.remarks.replace('"', "'")
    note = f' note="{remarks}"' if remarks else ""
    text = attachment.text.replace("</attached_file", "< /attached_file")
    return f'<attached_file name="{name}"{extent}{note}>\n{text}\n</attached_file>'
