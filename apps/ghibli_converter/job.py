"""Making pictures: from the queue through the AI service into the row and its files."""

import logging
import time
import uuid
from datetime import timedelta
from functools import partial
from io import BytesIO
from operator import attrgetter
from typing import Any

from django.db import Error, close_old_connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.db import durability
from apps.core.files import storage
from apps.core.files.deletion import remove_unnamed
from apps.gateway import client
from apps.gateway.client import Call, GatewayError
from apps.ghibli_converter import image_model
from apps.ghibli_converter.images import sanitizer
from apps.ghibli_converter.models import Picture
from apps.ghibli_converter.prompts import SIZES
from apps.ghibli_converter.signals import picture_begins, picture_changed, picture_ended
from apps.jobs import registry
from apps.jobs.leases import lease
from apps.jobs.registry import Lane
from apps.jobs.runner import JobKind, JobRun
from apps.server import log_context

logger = logging.getLogger("parlor.pictures")

State = Picture.State

FOLDER = "pictures"


class PictureRun(JobRun):
    """One picture being made by this process; every write is conditional on its run_id."""

    def __init__(self, picture: Picture, run_id: uuid.UUID) -> None:
        super().__init__(run_id)
        self.picture = picture
        self.call = Call()
        self.started = time.monotonic()
        self.ending: dict[str, Any] | None = None  # What the row is to say, but could not yet.

    def finish(self, ending: dict[str, Any]) -> None:
        """Write how it ended, unless someone was quicker; then what was made is thrown away.

        Where the database cannot take it, it is tried again: retry_end().
        """
        try:
            written = self._write(ending)
        except Error:
            self.ending = ending
            raise
        pictures.forget(self.picture.pk, self)
        if not written:
            _discard(ending)
        outcome = ending["state"] if written else "late"
        code = ending.get("error") or "-"
        pk, model = self.picture.pk, self.picture.model
        logger.info(
            "picture %s %s code=%s model=%s took=%.1fs", pk, outcome, code, model, self.seconds
        )

    def retry_end(self) -> None:
        if self.ending:
            self.finish(self.ending)

    def cancel(self) -> None:
        self.call.close()

    def interrupt(self) -> None:
        """End what is not done when the time is over; it can be tried again."""
        self.finish(self.ending or {"state": State.INTERRUPTED, "error": "restarted"})
        self.call.close()

    def _write(self, ending: dict[str, Any]) -> int:
        rows = Picture.with_trash.filter(pk=self.picture.pk).run_by(self.run_id)
        with transaction.atomic():
            written = rows.update(finished_at=Now(), **ending)
            if written:
                book(self.picture.pk, self.seconds)
        return written

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def _end_busy(picture_id: int) -> None:
    waiting = Picture.with_trash.filter(pk=picture_id, state=State.QUEUED)
    with transaction.atomic():
        if waiting.update(state=State.ERROR, error="busy", finished_at=Now()):
            notify(picture_id)


def cancel(picture_id: int) -> None:
    """Close the connection on which the picture arrives, if it is this process that makes it."""
    if run := pictures.runs.get(picture_id):
        run.cancel()


def notify(picture_id: int) -> Picture:
    """Let others know of another state; call it in the transaction that has written it."""
    picture = Picture.with_trash.get(pk=picture_id)
    picture_changed.send(Picture, picture=picture)
    return picture


def book(picture_id: int, seconds: float | None = None) -> None:
    """Let others know that a call has ended; call it in the transaction that has written how."""
    picture = notify(picture_id)
    if seconds is None:
        ended = picture.finished_at or timezone.now()
        seconds = (ended - (picture.started_at or ended)).total_seconds()
    outcome = picture.error or picture.state
    picture_ended.send(Picture, picture=picture, outcome=outcome, seconds=seconds)


@registry.task("apps.ghibli_converter.making.make_picture")
@durability.synced_later()  # The checkpoint does it for all.
def make_picture(picture_id: int) -> None:
    """Make the picture, unless it was cancelled, deleted, or taken by another process."""
    if run := claim(picture_id):
        with log_context.bound(picture=picture_id, user=run.picture.user_id, call=run.call.id):
            _make_and_finish(run)


def _make_and_finish(run: PictureRun) -> None:
    ending = _failed("unavailable")  # Stands if a bug of ours ends the run.
    try:
        ending = _make(run)
    except GatewayError as error:
        image_model.note_failure(run.picture.model, error.code)
        ending = _failed(error.code, error.retry_after)
    finally:
        run.finish(ending)


def claim(picture_id: int) -> PictureRun | None:
    """Begin to make the picture, if it still waits for that."""
    return pictures.claim(picture_id, partial(_take, picture_id))


def _take(picture_id: int, run_id: uuid.UUID) -> PictureRun | None:
    waiting = Picture.objects.filter(pk=picture_id, state=State.QUEUED)
    changes = {"run_id": run_id, "lease_until": lease(), "started_at": Now()}
    if not waiting.update(state=State.RUNNING, **changes):
        return None
    return PictureRun(notify(picture_id), run_id)


def _make(run: PictureRun) -> dict[str, Any]:
    """Have the service make it, and store it; return what the row is to say then."""
    picture = run.picture
    try:
        original = storage.read(str(picture.original)) if picture.original else b""
    except FileNotFoundError:
        return _failed("lost")
    if image_model.is_open(picture.model):
        _use(run, image_model.find())
    picture_begins.send(Picture, picture=picture)
    close_old_connections()  # None of a pool is held while the service draws.
    try:
        made, small = sanitizer.accept(BytesIO(_drawn(run, original)))
    except sanitizer.PictureRefused as error:
        raise GatewayError("unreadable") from error
    if run.call.closed:
        return _failed("restarted", state=State.INTERRUPTED)
    return {
        "state": State.DONE,
        "error": "",
        "result": storage.store(made.data, FOLDER, made.format),
        "thumbnail": storage.store(small.data, FOLDER, small.format),
        "width": made.width,
        "height": made.height,
        "file_size": picture.file_size + len(made.data) + len(small.data),
    }


def _use(run: PictureRun, model: str) -> None:
    """Let the row say which model makes the picture: it is what is booked."""
    run.picture.model = model
    Picture.with_trash.filter(pk=run.picture.pk).run_by(run.run_id).update(model=model)


def _drawn(run: PictureRun, original: bytes) -> bytes:
    picture = run.picture
    options: dict[str, Any] = {
        "model": picture.model,
        "size": SIZES[Picture.Size(picture.size)],
        "quality": picture.quality,
        "call": run.call,
    }
    if original:
        return client.edit_image(original, picture.prompt, **options)
    return client.make_image(picture.prompt, **options)


def _failed(
    code: str, retry_after: float | None = None, state: State = State.ERROR
) -> dict[str, Any]:
    retry_at = None
    if retry_after is not None:
        retry_at = timezone.now() + timedelta(seconds=retry_after)
    return {"state": state, "error": code, "retry_at": retry_at}


def _discard(ending: dict[str, Any]) -> None:
    """Remove the files of an ending that was not written, as far as its row does not name them.

    It does if it was written before, and only the answer to the commit was lost.
    """
    names = [ending[field] for field in ("result", "thumbnail") if field in ending]
    remove_unnamed(names, [Picture.result.field, Picture.thumbnail.field])


pictures = JobKind[PictureRun](
    "picture",
    Lane.REPLIES,
    rows=Picture.with_trash.all,
    owner_id=attrgetter("user_id"),
    task=make_picture,
    interrupt=PictureRun.interrupt,
    interrupted={"error": "restarted"},
    on_interrupt=book,
    end_busy=_end_busy,
)
