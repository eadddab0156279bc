"""Pictures whose letters stand in the text of an imported message become its files."""

import base64

from apps.chat.placeholders import description_of, stand_in
from apps.chat.replies.pictures import not_kept, problem_of
from apps.chat.transfers.imports.archive_files import File, Found
from apps.gateway.reply.embedded_pictures import split_pictures
from apps.gateway.types import ReplyPicture
from apps.ghibli_converter.images.sanitizer import kind_of


def take_embedded(content: str) -> tuple[str, list[File]]:
    """Return the text with words for each picture, and the pictures."""
    words, files = [], []
    for part in split_pictures(content):
        if isinstance(part, str):
            words.append(part)
            continue
        description = description_of(part.description)
        if problem := problem_of(part):
            words.append(not_kept(description, problem))
        else:
            words.append(stand_in(description))
            files.append(_file(part, description))
    return "".join(words), files


def _file(picture: ReplyPicture, description: str) -> File:
    name = f"{description}.{(kind_of(picture.data[:16]) or 'png').lower()}"
    letters = base64.b64encode(picture.data).decode()
    return File(
        name, Found(name, len(picture.data), letters=letters), not_kept(description, "broken")
    )
