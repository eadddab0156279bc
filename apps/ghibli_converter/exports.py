"""Pictures as files to take away."""

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from apps.core.files import storage
from apps.core.text import clean_name
from apps.ghibli_converter.models import Picture
from apps.users.models import User

BATCH = 100  # Pictures read at once.


def pictures_of(user: User) -> Iterator[Picture]:
    """Yield all of the person's; between two, no query is open."""
    last = 0
    rows = user.pictures.select_related("style").order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def write(archive: zipfile.ZipFile, picture: Picture) -> None:
    """Write into the archive what is stored for the picture, and what is known of it."""
    if picture.result:
        _copy(archive, picture.archive_name, str(picture.result))
    if photo := str(picture.original):
        _copy(archive, f"pictures/{picture.pk}-photo.{photo.rsplit('.', 1)[-1]}", photo)
    about = json.dumps(_about(picture), ensure_ascii=False, indent=2)
    archive.writestr(f"pictures/{picture.pk}.json", about)


def _about(picture: Picture) -> dict[str, Any]:
    return {
        "kind": picture.kind,
        "state": picture.state,
        "description": picture.alt,
        "words": picture.words,
        "style": picture.style.name if picture.style else "",
        "prompt": picture.prompt,
        "photo": clean_name(picture.original_name, 120),
        "model": picture.model,
        "size": picture.size,
        "quality": picture.quality,
        "is_favourite": picture.is_favourite,
        "created_at": picture.created_at.isoformat(),
    }


def _copy(archive: zipfile.ZipFile, member: str, stored: str) -> None:
    try:
        data = storage.read(stored)
    except FileNotFoundError:
        return  # It is gone from the disk; the rest can still be taken away.
    archive.writestr(zipfile.ZipInfo(member), data)  # Not deflated: pictures are already.
