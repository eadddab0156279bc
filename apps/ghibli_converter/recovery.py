"""Recovery of pictures: renew leases, end what is abandoned, delete what is due."""

import logging
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from apps.core.db.soft_delete import LONG_AGO
from apps.core.files import storage
from apps.core.files.deletion import delete_one_by_one, remove_unnamed
from apps.core.files.disk_space import UNSTORABLE
from apps.ghibli_converter import job
from apps.ghibli_converter.models import Picture, PictureQuerySet, Style
from apps.jobs import housekeeping, sweeping
from apps.jobs.leases import lease
from apps.jobs.registry import Lane

logger = logging.getLogger("parlor.pictures")

State = Picture.State

STYLES_FOLDER = "styles"


def renew() -> None:
    """Renew the leases of this process, and write what the database could not take before.

    A picture whose row is no longer ours is hung up on.
    """
    for run in job.running():
        if run.ending:
            run.finish(run.ending)
    ours = [run.picture.pk for run in job.running()] + job.waiting()
    if ours:
        Picture.with_trash.in_progress().filter(pk__in=ours).update(lease_until=lease())
    runs = {run.run_id: run for run in job.running() if run.is_claimed}
    owned = Picture.with_trash.filter(run_id__in=runs, state=State.RUNNING)
    for run_id in runs.keys() - set(owned.values_list("run_id", flat=True)):
        runs[run_id].call.close()


def sweep() -> None:
    """End the pictures whose maker is gone, and take those that still wait for one."""
    ours = {run.picture.pk for run in job.running()} | set(job.waiting())
    sweeping.sweep(Picture.with_trash.all(), ours, Lane.REPLIES, end_abandoned, _take)


def _take(picture: Picture) -> None:
    job.enqueue(picture.pk, picture.user_id)


def end_abandoned(pictures: PictureQuerySet) -> int:
    """Mark running pictures whose lease is over as interrupted; tell how many there were."""
    running = pictures.filter(state=State.RUNNING)
    # An update would wait for whoever writes just now; a page only reads.
    return sum(_interrupt(running, pk) for pk in running.values_list("pk", flat=True))


def end_if_abandoned(picture: Picture) -> bool:
    """Mark the picture as interrupted if its lease is over; tell whether it was."""
    try:
        abandoned = Picture.with_trash.abandoned().filter(pk=picture.pk)
        return picture.may_be_abandoned and bool(end_abandoned(abandoned))
    except UNSTORABLE:  # Its page can be read all the same.
        return False


def drain() -> None:
    """Give up what is still being made when the time of the pool is over; it can be tried again."""
    for run in job.running():
        run.finish(run.ending or {"state": State.INTERRUPTED, "error": "restarted"})
        run.call.close()


def tidy() -> None:
    """Delete for good what is due, and files that no row names: a crash has left them."""
    remove_due()
    named = (Picture.original, Picture.original_thumbnail, Picture.result, Picture.thumbnail)
    remove_unnamed(storage.orphans(job.FOLDER), [each.field for each in named])
    remove_unnamed(storage.orphans(STYLES_FOLDER), [Style.example.field])


def remove_due() -> int:
    """Delete for good what is due; tell how many there were."""
    return delete_one_by_one(Picture.with_trash.due())


def empty(pictures: PictureQuerySet, owner: int) -> None:
    """Delete these pictures of the trash for good: at once for people, soon on the disk."""
    with transaction.atomic():
        pictures.order_by().update(deleted_at=LONG_AGO, share_hash=None)
        transaction.on_commit(partial(housekeeping.submit, tidy, owner))


def _interrupt(abandoned: PictureQuerySet, pk: int) -> int:
    with transaction.atomic():
        ended = abandoned.filter(pk=pk).update(
            state=State.INTERRUPTED, error="restarted", finished_at=Now()
        )
        if ended:
            job.book(pk)
            logger.warning("picture %s interrupted: its maker is gone", pk)
    return ended
