"""What a person can do with pictures."""

import logging
import uuid
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import PurePath
from typing import IO, Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from apps.core.exceptions import Refused
from apps.core.files import quota, storage
from apps.core.text import shortened
from apps.ghibli_converter import image_model, job
from apps.ghibli_converter.images import sanitizer
from apps.ghibli_converter.models import ALT_CHARS, NAME_CHARS, Picture, PictureQuerySet, Style
from apps.ghibli_converter.prompts import prompt_for, size_like
from apps.ghibli_converter.signals import picture_wanted
from apps.jobs.leases import lease
from apps.users.models import User

logger = logging.getLogger("parlor.pictures")

State = Picture.State

ORIGINAL = (
    "original",
    "original_thumbnail",
    "original_name",
    "original_width",
    "original_height",
)


class AlreadyAsked(Exception):
    """A picture with this key exists: the same form was sent twice."""


class Wishes(TypedDict, total=False):
    """How a picture should be, beside what words say."""

    style: Style | None
    size: str  # Of Picture.Size; without one it is square, or of the shape of the photo.
    quality: str  # Of Picture.Quality.
    key: uuid.UUID | None  # Of the form that asks: it works once.
    parent: Picture | None  # That this one was made from.


def create(user: User, words: str, **wishes: Unpack[Wishes]) -> Picture:
    """Have a picture made of these words; return its row, which is on its way.

    Raise Refused where a limit is reached, or AlreadyAsked if the key was used.
    """
    quota.check(user.pk)
    picture = Picture(user=user, kind=Picture.Kind.CREATE, words=words, alt=words)
    return _ask(picture, Picture.Size.SQUARE, wishes)


def convert(
    user: User,
    file: IO[bytes],
    name: str = "",
    words: str = "",
    *,
    most_bytes: int | None = None,
    **wishes: Unpack[Wishes],
) -> Picture:
    """Have the picture in the file made anew in a style; return its row, which is on its way.

    What is stored and sent is upright, without metadata, and no larger than it has to be. Without
    most_bytes IMAGE_MAX_BYTES are allowed. Raise PictureRefused for a file that cannot be used, and
    what create() raises.
    """
    quota.check(user.pk)  # Before the photo is decoded, which takes a while.
    picture = _with_photo(user, file, name, most_bytes)
    try:
        return _ask_to_convert(picture, words, wishes)
    except (Refused, AlreadyAsked):
        storage.remove(str(picture.original))
        storage.remove(str(picture.original_thumbnail))
        raise


def again(picture: Picture, words: str, **wishes: Unpack[Wishes]) -> Picture:
    """Have a picture made anew, of words or of the same photo, which is stored once.

    Raise what create() raises.
    """
    wishes["parent"] = picture
    if picture.kind == Picture.Kind.CREATE:
        return create(picture.user, words, **wishes)
    quota.check(picture.user_id)
    copy = Picture(user=picture.user, **{field: getattr(picture, field) for field in ORIGINAL})
    return _ask_to_convert(copy, words, wishes)


def use(picture: Picture, words: str, **wishes: Unpack[Wishes]) -> Picture:
    """Convert what was made, in its turn. Raise what convert() raises."""
    wishes["parent"] = picture
    made = BytesIO(storage.read(str(picture.result)))
    name = picture.title
    return convert(picture.user, made, name, words, most_bytes=sanitizer.MADE_BYTES, **wishes)


def try_again(picture: Picture, tries: int) -> bool:
    """Have a picture made that did not come to its end; return whether that was begun.

    `tries` are those that the person saw when they asked: a form that is sent twice, or later, asks
    once. Raise Refused where a limit is reached.
    """
    quota.check(picture.user_id)
    model = image_model.current()
    final = (State.STOPPED, State.ERROR, State.INTERRUPTED)
    rows = Picture.objects.filter(pk=picture.pk, tries=tries, state__in=final)
    with transaction.atomic():
        picture_wanted.send(Picture, user=picture.user, model=model)
        fields = {"started_at": None, "finished_at": None, "retry_at": None, "run_id": None}
        begun = rows.update(
            state=State.QUEUED,
            error="",
            model=model,
            tries=F("tries") + 1,
            asked_at=Now(),
            lease_until=lease(),
            **fields,
        )
        if begun:
            transaction.on_commit(partial(job.pictures.enqueue, picture.pk, picture.user_id))
    return bool(begun)


def cancel(picture: Picture) -> bool:
    """Give the picture up; return whether it was in progress. What the service did is booked."""
    rows = Picture.with_trash.filter(pk=picture.pk)
    stopped: Mapping[str, Any] = {"state": State.STOPPED, "finished_at": Now()}
    with transaction.atomic():
        if cancelled := bool(rows.filter(state=State.QUEUED).update(**stopped)):
            job.notify(picture.pk)
        elif cancelled := bool(rows.filter(state=State.RUNNING).update(**stopped)):
            job.book(picture.pk)
    if cancelled:
        logger.info("picture %s cancelled", picture.pk)
    job.cancel(picture.pk)
    return cancelled


def describe(picture: Picture, alt: str) -> None:
    """Keep what the picture shows, for those who cannot see it."""
    Picture.objects.filter(pk=picture.pk).update(alt=alt)


def mark_favourite(picture: Picture, is_favourite: bool) -> None:
    Picture.objects.filter(pk=picture.pk).update(is_favourite=is_favourite)


def delete(pictures: PictureQuerySet) -> list[int]:
    """Put the pictures into the trash; those on their way are cancelled. Return their ids."""
    ids = list(pictures.values_list("pk", flat=True))
    Picture.objects.filter(pk__in=ids).update(deleted_at=Now())
    for picture in Picture.with_trash.filter(pk__in=ids).in_progress():
        cancel(picture)
    return ids


def restore(pictures: PictureQuerySet) -> int:
    """Put the pictures back into the gallery; return how many there were."""
    return pictures.order_by().update(deleted_at=None)


def bytes_of(user_id: int) -> int:
    """Return how much the files of the person's pictures take; a photo that several share once."""
    own = Picture.with_trash.filter(user=user_id)
    return own.aggregate(size=Sum("file_size"))["size"] or 0


def styles() -> list[Style]:
    """Return the styles on offer, the usual one first."""
    return list(Style.objects.on_offer())


def _with_photo(user: User, file: IO[bytes], name: str, most_bytes: int | None) -> Picture:
    """Store the photo; return a row for it, which is not stored."""
    original, small = sanitizer.with_thumbnail(file, most_bytes=most_bytes)
    return Picture(
        user=user,
        original=storage.store(original.data, job.FOLDER, original.format),
        original_thumbnail=storage.store(small.data, job.FOLDER, small.format),
        original_name=shortened(name, NAME_CHARS),
        original_width=original.width,
        original_height=original.height,
        file_size=len(original.data) + len(small.data),
    )


def _ask_to_convert(picture: Picture, words: str, wishes: Wishes) -> Picture:
    picture.kind, picture.words = Picture.Kind.CONVERT, words
    picture.alt = words or PurePath(picture.original_name).stem
    size = size_like(picture.original_width or 1, picture.original_height or 1)
    return _ask(picture, size, wishes)


def _ask(picture: Picture, size: str, wishes: Wishes) -> Picture:
    """Store the row, and queue it once that is committed."""
    picture.style, picture.parent = wishes.get("style"), wishes.get("parent")
    picture.size, picture.quality = wishes.get("size") or size, wishes.get("quality", "")
    picture.key, picture.model = wishes.get("key"), image_model.current()
    picture.prompt = prompt_for(picture.kind, picture.style, picture.words)
    picture.alt = shortened(" ".join(picture.alt.split()), ALT_CHARS)
    picture.lease_until = lease()
    try:
        with transaction.atomic():
            picture_wanted.send(Picture, user=picture.user, model=picture.model)
            picture.save(force_insert=True)
            transaction.on_commit(partial(job.pictures.enqueue, picture.pk, picture.user_id))
    except IntegrityError as error:
        raise AlreadyAsked from error
    return picture
