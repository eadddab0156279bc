"""Everything of an account as a ZIP file.

account.json            the profile, preferences and saved prompts
conversations/          each as JSON (json_format.py) and as Markdown
files/<conversation>/   the files that went with its messages
pictures/               what was made in the gallery, with what it was made from
"""

import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from django.utils import timezone
from django.utils.text import get_valid_filename

from apps.chat.models import Conversation
from apps.chat.transfers.exports.json import json_pieces, written
from apps.chat.transfers.exports.text import file_name, markdown_pieces
from apps.chat.transfers.progress import Progress
from apps.core.files import storage
from apps.ghibli_converter import exports as picture_export
from apps.users.models import User

FORMAT = "parlor-account"
VERSION = 1
PROFILE = (
    *("username", "email", "display_name", "time_zone", "language"),
    *("enter_sends", "shortcuts", "theme", "chat_model", "system_prompt"),
)
FORMS = {"json": json_pieces, "md": markdown_pieces}
BATCH = 100  # Conversations read at once.


def archive_name(user: User) -> str:
    return file_name(f"parlor-{user.username}-{timezone.localdate():%Y-%m-%d}", "zip")


def write_archive(user: User, file: IO[bytes], progress: Progress) -> None:
    """Write the ZIP into the file."""
    conversations = user.conversations.count()
    total = conversations + user.pictures.count()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, "account.json", iter([_account(user)]))
        for done, conversation in enumerate(_conversations(user)):
            progress(done, total)
            for ending, pieces in FORMS.items():
                name = f"{conversation.pk}-{file_name(conversation.title, ending)}"
                _write(archive, f"conversations/{name}", pieces(conversation))
            _write_files(archive, conversation)
        for done, picture in enumerate(picture_export.pictures_of(user), conversations):
            progress(done, total)
            picture_export.write(archive, picture)


def _account(user: User) -> str:
    """Return what there is beside the conversations."""
    account: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": written(timezone.now()),
        "profile": {
            **{name: getattr(user, name) for name in PROFILE},
            "date_joined": written(user.date_joined),
        },
        "prompts": list(user.prompts.values("name", "text")),
    }
    return json.dumps(account, ensure_ascii=False, indent=2)


def _conversations(user: User) -> Iterator[Conversation]:
    """Yield all of the person's; between two, no query is open."""
    last = 0
    while batch := list(user.conversations.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _write_files(archive: zipfile.ZipFile, conversation: Conversation) -> None:
    for attachment in conversation.attachments.exclude(message=None):
        name = get_valid_filename(f"{attachment.pk}-{attachment.name}")
        with suppress(FileNotFoundError):  # The conversation names it all the same.
            archive.writestr(f"files/{conversation.pk}/{name}", storage.read(str(attachment.file)))


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterator[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece.encode())
