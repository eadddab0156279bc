"""Making pictures: from the queue through the AI service into the row and its files."""

import logging
import time
import uuid
from datetime import timedelta
from functools import partial
from io import BytesIO
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
from apps.jobs import queue, registry
from apps.jobs.leases import lease
from apps.jobs.registry import Job, Lane, QueueFull, Unavailable
from apps.server import log_context

logger = logging.getLogger("parlor.pictures")

State = Picture.State

FOLDER = "pictures"


class Run:
    """One picture being made by this process; every write is conditional on its run_id."""

    def __init__(self, picture: Picture, run_id: uuid.UUID) -> None:
        self.picture = picture
        self.run_id = run_id
        self.call = Call()
        self.started = time.monotonic()
        self.is_claimed = False  # Once the row says so to all.
        self.ending: dict[str, Any] | None = None  # What the row is to say, but could not yet.

    def finish(self, ending: dict[str, Any]) -> None:
        """Write how it ended, unless someone was quicker; then what was made is thrown away.

        Where the database cannot take it, the keeper tries again.
        """
        try:
            written = self._write(ending)
        except Error:
            self.ending = ending
            raise
        _runs.pop(self.picture.pk, None)
        if not written:
            _discard(ending)
        outcome = ending["state"] if written else "late"
        code = ending.get("error") or "-"
        pk, model = self.picture.pk, self.picture.model
        logger.info(
            "picture %s %s code=%s model=%s took=%.1fs", pk, outcome, code, model, self.seconds
        )

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


_runs: dict[int, Run] = {}  # What this process makes,
_queued: set[int] = set()  # and what waits here for a thread.


def running() -> list[Run]:
    return list(_runs.values())


def waiting() -> list[int]:
    return list(_queued)


def enqueue(picture_id: int, owner_id: int) -> None:
    """Queue the picture; where the queue is full it ends at once as `busy`."""
    if queue.current().is_local:
        _queued.add(picture_id)
    ahead = partial(_ahead_of, picture_id)
    job = Job(Lane.REPLIES, owner_id, make_picture, (picture_id,), ahead=ahead)
    try:
        queue.current().submit(job)
    except QueueFull:
        _queued.discard(picture_id)
        _end_busy(picture_id)
    except Unavailable:  # It stays queued, and the next sweep, or process, takes it.
        _queued.discard(picture_id)
        waiting = Picture.with_trash.filter(pk=picture_id, state=State.QUEUED)
        waiting.update(lease_until=Now())


def _ahead_of(picture_id: int) -> int:
    waiting = Picture.with_trash.in_progress().filter(state=State.QUEUED)
    return waiting.filter(pk__lt=picture_id).count()


def _end_busy(picture_id: int) -> None:
    waiting = Picture.with_trash.filter(pk=picture_id, state=State.QUEUED)
    with transaction.atomic():
        if waiting.update(state=State.ERROR, error="busy", finished_at=Now()):
            tell(picture_id)


def hang_up(picture_id: int) -> None:
    """Close the connection on which the picture arrives, if it is this process that makes it."""
    if run := _runs.get(picture_id):
        run.call.close()


def tell(picture_id: int) -> Picture:
    """Let others know of another state; call it in the transaction that has written it."""
    picture = Picture.with_trash.get(pk=picture_id)
    picture_changed.send(Picture, picture=picture)
    return picture


def book(picture_id: int, seconds: float | None = None) -> None:
    """Let others know that a call has ended; call it in the transaction that has written how."""
    picture = tell(picture_id)
    if seconds is None:
        ended = picture.finished_at or timezone.now()
        seconds = (ended - (picture.started_at or ended)).total_seconds()
    outcome = picture.error or picture.state
    picture_ended.send(Picture, picture=picture, outcome=outcome, seconds=seconds)


@registry.task("apps.ghibli_converter.making.make_picture")
@durability.synced_later()  # The keeper does it for all.
def make_picture(picture_id: int) -> None:
    """Make the picture; runs in the thread pool, or in a worker."""
    try:
        run = _claim(picture_id)
    finally:
        _queued.discard(picture_id)
    if run is None:  # Cancelled, deleted, or taken by another process.
        return
    with log_context.bound(picture=picture_id, user=run.picture.user_id, call=run.call.id):
        _make_and_finish(run)


def _make_and_finish(run: Run) -> None:
    ending = _failed("unavailable")  # Stands if a bug of ours ends the run.
    try:
        ending = _make(run)
    except GatewayError as error:
        image_model.note_failure(run.picture.model, error.code)
        ending = _failed(error.code, error.retry_after)
    finally:
        run.finish(ending)


def _claim(picture_id: int) -> Run | None:
    run_id = uuid.uuid4()
    waiting = Picture.objects.filter(pk=picture_id, state=State.QUEUED)
    changes = {"run_id": run_id, "lease_until": lease(), "started_at": Now()}
    run = None
    try:
        with transaction.atomic():
            if waiting.update(state=State.RUNNING, **changes):
                # Whoever sees that it is running, to cancel it, finds who makes it.
                run = _runs[picture_id] = Run(tell(picture_id), run_id)
    except BaseException:
        if run:
            del _runs[picture_id]
        raise
    if run:
        run.is_claimed = True
    return run


def _make(run: Run) -> dict[str, Any]:
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


def _use(run: Run, model: str) -> None:
    """Let the row say which model makes the picture: it is what is booked."""
    run.picture.model = model
    Picture.with_trash.filter(pk=run.picture.pk).run_by(run.run_id).update(model=model)


def _drawn(run: Run, original: bytes) -> bytes:
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
