"""Retention of pictures: delete for good what is due, and files that no row names."""

from functools import partial

from django.db import transaction

from apps.core.db.soft_delete import LONG_AGO
from apps.core.files import storage
from apps.core.files.deletion import delete_one_by_one, remove_unnamed
from apps.ghibli_converter import job
from apps.ghibli_converter.models import Picture, PictureQuerySet, Style
from apps.jobs import housekeeping

STYLES_FOLDER = "styles"


def tidy() -> None:
    """Delete for good what is due, and files that no row names: a crash has left them."""
    remove_due()
    named = (Picture.original, Picture.original_thumbnail, Picture.result, Picture.thumbnail)
    remove_unnamed(storage.orphans(job.FOLDER), [each.field for each in named])
    remove_unnamed(storage.orphans(STYLES_FOLDER), [Style.example.field])


def remove_due() -> int:
    """Delete for good what is due; return how many there were."""
    return delete_one_by_one(Picture.with_trash.due())


def empty(pictures: PictureQuerySet, owner: int) -> None:
    """Delete these pictures of the trash for good: at once for people, soon on the disk."""
    with transaction.atomic():
        pictures.order_by().update(deleted_at=LONG_AGO, share_hash=None)
        transaction.on_commit(partial(housekeeping.submit, tidy, owner))
