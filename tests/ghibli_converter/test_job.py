"""A picture on its way: from the form through the service to the page that shows it."""

import base64
import io
import os
import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone, translation
from django.utils.formats import date_format
from PIL import Image

from apps.chat.models import UsageRecord
from apps.ghibli_converter import job, recovery
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.models import Picture
from apps.ghibli_converter.signals import picture_ended
from apps.ghibli_converter.views import live
from apps.jobs import thread_pool
from apps.server import lifecycle, stream_limits
from tests.chat.talk import HTMX, Pieces, post, settled
from tests.factories import make_attachment, make_conversation
from tests.ghibli_converter.talk import (
    address,
    convert,
    converted,
    create,
    ended,
    made,
    stored_files,
)
from tests.live_server import wait_until
from tests.page import Page, words
from tests.uploads import png, sideways_photo
from tests.upstream import Upstream, error, until

State = Picture.State


def opened(media, field):
    image = Image.open(media / str(field))
    image.load()
    return image


def image_calls(demo):
    return [each for each in demo.records if each.path.startswith("/v1/images/")]


@pytest.mark.row("O-095")
def test_a_sideways_photo_is_converted_upright_and_without_metadata(
    ada_client, demo, media, styles
):
    picture = converted(ada_client, style=styles[1].pk, words="At the lake")
    assert (picture.state, picture.error) == (State.DONE, "")
    original = opened(media, picture.original)
    assert original.size == (40, 80)
    red, _, blue = original.getpixel((20, 5))
    assert red > 200 > 60 > blue  # What was its left half is on top.
    sent = image_calls(demo)[-1]
    assert sent.path == "/v1/images/edits"
    for path in stored_files(media):
        data = (media / path).read_bytes()
        assert b"A camera" not in data
        assert b"Exif" not in data
        assert b"GPS" not in data
    assert opened(media, picture.result).size == (1024, 1536)
    assert max(opened(media, picture.thumbnail).size) == 480
    assert picture.prompt.startswith("Redraw this picture.")
    assert "At the lake" in picture.prompt
    assert "graphite" in picture.prompt
    page = Page(ada_client.get(address(picture)))
    assert [image.get("alt") for image in page.all("img")] == [
        "The photo: photo.jpg",
        "At the lake",
    ]
    gallery = Page(ada_client.get("/gallery/"))
    assert address(picture) in [link.get("href") for link in gallery.all("a")]


def test_a_picture_is_made_from_words(ada_client, ada, demo, media, styles):
    response = create(ada_client, "Two foxes", size="landscape", quality="low")
    picture = ended()
    assert response["Location"] == address(picture, "follow")
    assert (picture.state, picture.user, picture.alt) == (State.DONE, ada, "Two foxes")
    assert opened(media, picture.result).size == (1536, 1024)
    body = image_calls(demo)[-1].body
    assert (body["size"], body["quality"]) == ("1536x1024", "low")
    assert re.fullmatch(r"pictures/../[0-9a-f]{32}\.png", str(picture.result))


@pytest.mark.row("O-104")
def test_the_name_of_a_file_is_only_shown(ada_client, demo, media):
    for name in ("../../etc/passwd.png", 'a"b.png', "x" * 300 + ".png", "CON.png"):
        picture = converted(ada_client, png(), name=name)
        assert picture.state == State.DONE
        assert len(picture.original_name) <= 120
        assert "/" not in picture.original_name
        sent = ada_client.get(address(picture, "original"))["Content-Disposition"]
        assert "\n" not in sent
        assert all(path.startswith("pictures/") for path in stored_files(media))


def test_the_same_form_sent_twice_makes_one_picture(ada_client, demo, media):
    key = str(uuid.uuid4())
    first = create(ada_client, key=key)
    second = create(ada_client, key=key)
    assert first["Location"] == second["Location"]
    ended()
    assert Picture.objects.count() == len(image_calls(demo)) == 1
    files = stored_files(media)
    key = str(uuid.uuid4())
    convert(ada_client, key=key)
    ended()
    now = stored_files(media)
    assert convert(ada_client, key=key).status_code == 303
    assert stored_files(media) == now != files


def test_the_key_of_somebody_else_leads_nowhere(ada_client, bob_client, demo):
    key = str(uuid.uuid4())
    create(ada_client, key=key)
    assert create(bob_client, key=key).status_code == 404
    ended()
    assert Picture.objects.count() == 1


def test_htmx_is_led_to_the_page_and_keeps_the_form_that_was_refused(ada_client, demo):
    response = create(ada_client, "", headers=HTMX)
    assert response.status_code == 422
    assert "<html" not in response.content.decode()
    assert "required" in Page(response).alerts[0]
    response = create(ada_client, headers=HTMX)
    assert response["HX-Redirect"] == address(ended())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"words": ""}, "required"),
        ({"words": "x" * 4_001}, "4000"),
        ({"style": "999999"}, "Style"),
        ({"size": "round"}, "Shape"),
        ({"key": "x"}, "UUID"),
    ],
)
def test_a_form_that_is_not_valid_comes_back(ada_client, demo, media, fields, words):
    response = create(ada_client, **{"words": "Mine", **fields})
    assert response.status_code == 422
    page = Page(response)
    assert words in page.alerts[0]
    assert "".join(page.all("textarea")[0].itertext()).strip() == fields.get("words", "Mine")
    assert not Picture.objects.exists()


FAULTS = {
    "401": "credentials",
    "404-model": "model",
    "429": "rate",
    "quota": "quota",
    "500": "unavailable",
    "502-html": "unavailable",
    "408": "timeout",
    "error-null": "rejected",
    "close": "unreachable",
    "html-200": "unreadable",
    "empty-200": "unreadable",
    "image-moderation": "policy",
    "image-not-base64": "unreadable",
    "image-not-image": "unreadable",
    "image-html": "unreadable",
    "image-cut": "unreadable",
    "image-none": "unreadable",
    "image-url-elsewhere": "unreadable",
}


@pytest.mark.row("O-099", "O-101", "O-102")
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_and_nothing_is_asked_twice(ada_client, demo, media, fault):
    demo.fault = fault
    picture = converted(ada_client, words="Keep these words")
    assert (picture.state, picture.error) == (State.ERROR, FAULTS[fault])
    assert len(image_calls(demo)) == 1  # It may have cost.
    assert stored_files(media) == sorted([str(picture.original), str(picture.original_thumbnail)])
    page = Page(ada_client.get(address(picture)))
    article = page.all("article")[0]
    assert article.get("data-error") == FAULTS[fault]
    card = page.all("div[@role='group']")[0]
    assert len("".join(card.itertext()).split()) > 5
    assert "Change the words" in page.links
    again = Page(ada_client.get(address(picture, "again")))
    assert "".join(again.all("textarea")[0].itertext()).strip() == "Keep these words"
    assert UsageRecord.objects.get().outcome == FAULTS[fault]


@pytest.mark.row("O-100")
def test_a_service_that_never_answers_is_given_up(ada_client, demo, settings, clock):
    demo.fault = "image-silent"
    create(ada_client)
    wait_until(lambda: image_calls(demo))
    clock.forward(settings.IMAGE_TIMEOUT_SECONDS + 1)
    picture = ended()
    assert (picture.state, picture.error) == (State.ERROR, "timeout")
    assert len(image_calls(demo)) == 1


@pytest.mark.row("O-102")
def test_a_picture_at_an_address_of_the_service_is_fetched(ada_client, demo):
    demo.fault = "image-url"
    assert made(ada_client).state == State.DONE


def test_trying_again_asks_once_however_often_the_button_is_pressed(ada_client, demo, media):
    demo.fault = "500"
    picture = made(ada_client)
    page = Page(ada_client.get(address(picture)))
    assert page.buttons["Try again"] == address(picture, "retry")
    demo.fault = "image-silent"
    for _ in range(3):
        response = post(ada_client, address(picture, "retry"), tries=picture.tries)
        assert response["Location"] == address(picture, "follow")
    wait_until(lambda: len(image_calls(demo)) == 2)
    post(ada_client, address(picture, "cancel"))
    assert ended(picture).state == State.STOPPED
    post(ada_client, address(picture, "retry"), tries=picture.tries)  # The form of before.
    assert Picture.objects.get().state == State.STOPPED
    demo.fault = None
    post(ada_client, address(picture, "retry"), tries=picture.tries + 1)
    assert ended(picture).state == State.DONE
    assert len(image_calls(demo)) == 3


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_is_cancelled_stays_cancelled(ada_client, demo, media, headers):
    demo.fault = "image-silent"
    create(ada_client)
    picture = Picture.objects.get()
    wait_until(lambda: image_calls(demo))
    page = Page(ada_client.get(address(picture)))
    assert page.buttons["Cancel"] == address(picture, "cancel")
    response = post(ada_client, address(picture, "cancel"), headers=headers)
    assert response.status_code == (200 if headers else 303)
    settled()
    picture.refresh_from_db()
    assert picture.state == State.STOPPED
    assert UsageRecord.objects.get().outcome == "stopped"
    assert "Try again" in Page(ada_client.get(address(picture))).buttons
    assert stored_files(media) == []


def test_nobody_sees_it_running_before_its_maker_can_be_stopped(ada_client, demo, monkeypatch):
    states, run = [], job.PictureRun

    def look(picture, run_id):
        seen = Picture.objects.filter(pk=picture.pk).values_list("state", flat=True)
        with ThreadPoolExecutor() as another:
            states.append(another.submit(lambda: (seen.get(), connection.close())[0]).result())
        return run(picture, run_id)

    monkeypatch.setattr(job, "PictureRun", look)
    made(ada_client)
    assert states == [State.QUEUED]


def test_a_queued_picture_is_cancelled_without_a_call(ada_client, demo, new_pool):
    new_pool(threads=1)
    demo.fault = "image-silent"
    create(ada_client)
    wait_until(lambda: image_calls(demo))
    create(ada_client)
    first, second = Picture.objects.order_by("pk")
    assert "Waiting" in Page(ada_client.get(address(second))).text
    post(ada_client, address(second, "cancel"))
    post(ada_client, address(first, "cancel"))
    settled()
    assert len(image_calls(demo)) == UsageRecord.objects.count() == 1


def test_where_too_many_wait_it_is_said_at_once(ada_client, demo, new_pool):
    new_pool(threads=1, queue_limit=1)
    demo.fault = "image-silent"
    create(ada_client)
    wait_until(lambda: image_calls(demo))
    create(ada_client)
    create(ada_client, "Saved all the same")
    picture = Picture.objects.latest("pk")
    assert (picture.state, picture.error) == (State.ERROR, "busy")
    assert "Saved all the same" in Page(ada_client.get(address(picture))).text
    for each in Picture.objects.exclude(pk=picture.pk):
        post(ada_client, address(each, "cancel"))


def running_elsewhere(user, **fields):
    """Return a picture that another process was making when it died."""
    fields = {"state": State.RUNNING, "run_id": uuid.uuid4(), **fields}
    lease_until = timezone.now() - timedelta(seconds=1)
    return Picture.objects.create(
        user=user,
        kind="create",
        words="Fog",
        prompt="Fog",
        **{"size": "square", "model": "m", "lease_until": lease_until, **fields},
    )


@pytest.mark.parametrize("see", ["page", "progress", "card", "sweep"])
def test_a_picture_whose_maker_died_is_interrupted_by_whoever_sees_it(ada_client, ada, see):
    picture = running_elsewhere(ada)
    if see == "sweep":
        job.pictures.recover()
    else:
        path = address(picture, "" if see == "page" else see)
        ada_client.get(path, {"state": "running"}, headers=HTMX if see != "page" else {})
    picture.refresh_from_db()
    assert (picture.state, picture.error) == (State.INTERRUPTED, "restarted")
    assert UsageRecord.objects.get().outcome == "restarted"
    assert "Try again" in Page(ada_client.get(address(picture))).buttons


def test_one_that_cannot_be_interrupted_now_can_be_seen(ada_client, ada, monkeypatch):
    picture = running_elsewhere(ada)

    def refuse(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(job.pictures, "on_interrupt", refuse)
    page = Page(ada_client.get(address(picture)))
    assert page.named("picture").get("data-state") == State.RUNNING


def test_a_finished_picture_is_not_asked_whether_it_was_abandoned(
    ada, demo, media, django_assert_num_queries
):
    picture = running_elsewhere(ada, state=State.STOPPED)
    with django_assert_num_queries(0):
        assert not job.pictures.end_if_abandoned(picture)


def test_one_that_still_waited_is_taken_over(ada, demo):
    picture = running_elsewhere(ada, state=State.QUEUED, run_id=None)
    job.pictures.recover()
    assert ended(picture).state == State.DONE


def test_a_run_that_lost_its_row_writes_nothing_and_leaves_no_file(ada, demo, media):
    picture = running_elsewhere(ada, state=State.QUEUED, run_id=None)
    run = job.claim(picture.pk)
    job.pictures.runs.pop(picture.pk)  # Else the keeper may hang up on it first.
    Picture.objects.update(run_id=uuid.uuid4())
    run.finish(job._make(run))
    picture.refresh_from_db()
    assert (picture.state, str(picture.result)) == (State.RUNNING, "")
    assert stored_files(media) == []


def test_a_picture_that_its_run_and_the_keeper_both_end_keeps_its_files(ada, demo, media):
    picture = running_elsewhere(ada, state=State.QUEUED, run_id=None)
    run = job.claim(picture.pk)
    ending = job._make(run)
    run.finish(ending)
    run.finish(ending)  # As the keeper does that looked before the first had ended.
    picture.refresh_from_db()
    assert stored_files(media) == sorted([str(picture.result), str(picture.thumbnail)])


@pytest.mark.parametrize("is_committed", [True, False], ids=["committed", "not-committed"])
def test_a_paid_picture_outlives_a_commit_that_fails(ada, demo, media, monkeypatch, is_committed):
    picture = running_elsewhere(ada, state=State.QUEUED, run_id=None)
    run = job.claim(picture.pk)
    ending = job._make(run)
    commit = connection.commit

    def fail():
        if is_committed:
            commit()
        raise OperationalError("The connection was lost")

    monkeypatch.setattr(connection, "commit", fail)
    with pytest.raises(OperationalError):
        run.finish(ending)
    monkeypatch.undo()
    job.pictures.renew()
    picture.refresh_from_db()
    assert picture.state == State.DONE
    assert stored_files(media) == sorted([str(picture.result), str(picture.thumbnail)])
    assert job.pictures.runs == {}
    assert UsageRecord.objects.count() == 1


def test_the_keeper_leaves_a_run_that_ends_just_now_to_its_worker(ada, demo, media, caplog):
    caplog.set_level("INFO", "parlor.pictures")
    picture = running_elsewhere(ada, state=State.QUEUED, run_id=None)

    def renew(**kwargs):
        job.pictures.renew()

    picture_ended.connect(renew)
    try:
        job.make_picture(picture.pk)
    finally:
        picture_ended.disconnect(renew)
    assert ended(picture).state == State.DONE
    assert [f"picture {picture.pk} done"] == [
        record.getMessage().partition(" code")[0]
        for record in caplog.records
        if record.name == "parlor.pictures"
    ]


def test_what_could_not_be_written_yet_is_kept_by_the_drain(ada, demo, media):
    picture = running_elsewhere(ada, state=State.QUEUED, run_id=None)
    run = job.claim(picture.pk)
    run.ending = job._make(run)
    job.pictures.end_runs()
    picture.refresh_from_db()
    assert picture.state == State.DONE


def test_a_picture_cancelled_elsewhere_is_hung_up_on(ada_client, demo):
    demo.fault = "image-silent"
    create(ada_client)
    wait_until(lambda: image_calls(demo))
    Picture.objects.update(state=State.STOPPED)  # As another process does.
    job.pictures.renew()
    settled()
    assert Picture.objects.get().state == State.STOPPED


def test_draining_interrupts_what_is_not_done(ada_client, demo, new_pool):
    new_pool()
    demo.fault = "image-silent"
    create(ada_client)
    wait_until(lambda: image_calls(demo))
    thread_pool.pool().drain(0)
    job.pictures.end_runs()
    picture = Picture.objects.get()
    assert (picture.state, picture.error) == (State.INTERRUPTED, "restarted")


@pytest.mark.row("O-103")
def test_files_that_no_row_names_are_swept_after_a_day(ada_client, demo, media):
    picture = converted(ada_client)
    named = stored_files(media)
    for name, age in (("old.png", 90_000), ("new.png", 60)):
        path = media / "pictures" / "ab" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png())
        os.utime(path, (time.time() - age, time.time() - age))
    recovery.tidy()
    assert stored_files(media) == sorted([*named, "pictures/ab/new.png"])
    assert opened(media, picture.result)


def test_the_page_tells_how_far_it_is_and_then_shows_the_picture(ada_client, demo):
    demo.fault = "image-silent"
    create(ada_client)
    picture = Picture.objects.get()
    wait_until(lambda: image_calls(demo))
    page = Page(ada_client.get(address(picture)))
    assert page.named("picture-progress").get("hx-get") == address(picture, "progress")
    response = ada_client.get(address(picture, "progress"), headers=HTMX)
    assert re.search("seconds? so far", response.content.decode())
    card = ada_client.get(address(picture, "card"), {"state": "running"}, headers=HTMX)
    assert card.status_code == 204
    ghibli_converter.cancel(picture)
    response = ada_client.get(address(picture, "progress"), headers=HTMX)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#picture", "outerHTML")
    assert "Cancelled" in response.content.decode()
    assert not Page(response).all("*[@autofocus]")
    assert not Page(response).all("textarea")
    card = ada_client.get(address(picture, "card"), {"state": "running"}, headers=HTMX)
    assert "Cancelled" in card.content.decode()


@pytest.fixture
def grow(ada_client, settings):
    """Ask for a picture, and have it drawn when its page is open; return it and that page."""
    drawn = {"data": [{"b64_json": base64.b64encode(png()).decode()}]}
    go = threading.Event()

    def grow():
        create(ada_client)
        picture = Picture.objects.get()
        page = Pieces(ada_client.get(address(picture, "follow")))
        go.set()
        return picture, page

    with Upstream([until(go), error(200, drawn)]) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        yield grow


def test_a_page_stays_open_until_the_picture_is_there(ada_client, grow):
    picture, growing = grow()
    html = growing.rest()
    assert Page(html).named("growing-picture") is not None
    assert Page(html).named("picture").get("data-state") == State.DONE
    assert ada_client.get(address(picture, "follow"))["Location"] == address(picture)


def test_a_page_that_stays_open_names_nothing_twice(grow):
    page = Page(grow()[1].rest())
    names = [each.get("id") for each in page.root.iter() if each.get("id")]
    assert len(names) == len(set(names))
    assert page.named("id_alt") is not None


def test_a_page_that_stays_open_knows_language_and_clock_of_its_reader(ada, grow):
    ada.language, ada.time_zone = "de", "Pacific/Auckland"
    ada.save()
    picture, growing = grow()
    shown_at = date_format(picture.created_at.astimezone(ada.zone), "H:i")
    assert shown_at != date_format(picture.created_at, "H:i")
    with translation.override("en"), timezone.override("UTC"):
        page = Page(growing.rest())
    late = words(page.named("picture"))
    assert "Herunterladen" in late
    assert shown_at in late


@pytest.mark.parametrize("end", ["restart", "delete", "crowd"])
def test_a_page_that_cannot_stay_open_leads_on(ada_client, ada, demo, monkeypatch, end):
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(stream_limits, "MOST", 1)
    demo.fault = "image-silent"
    create(ada_client)
    picture = Picture.objects.get()
    pieces = Pieces(ada_client.get(address(picture, "follow")))
    html = pieces.read_until("Cancel") + pieces.read().decode()
    if end == "restart":
        monkeypatch.setattr(lifecycle, "is_stopping", lambda: True)
    elif end == "delete":
        ghibli_converter.delete(Picture.objects.all())
    else:
        other = Pieces(ada_client.get(address(picture, "follow")))
        other.read_until("Cancel")
        other.read()
    page = Page(html + pieces.rest())
    assert page.links["Go on here"] == address(picture)
    assert page.named("picture") is None
    if end == "crowd":
        assert other.read()
        other.close()
    assert ada.pk not in stream_limits._seats
    ghibli_converter.cancel(picture)


def test_again_in_another_style_shares_the_photo(ada_client, demo, media, styles):
    picture = converted(ada_client, style=styles[0].pk)
    page = Page(ada_client.get(address(picture, "again")))
    assert page.all("textarea")
    form = {"words": "", "style": styles[1].pk, "key": str(uuid.uuid4())}
    assert post(ada_client, address(picture, "again"), **form).status_code == 303
    other = ended()
    assert (other.state, other.parent, other.style) == (State.DONE, picture, styles[1])
    assert other.original == picture.original
    ghibli_converter.delete(Picture.objects.filter(pk=picture.pk))
    recovery.empty(Picture.with_trash.filter(pk=picture.pk), picture.user_id)
    wait_until(lambda: Picture.with_trash.count() == 1)
    assert ada_client.get(address(other, "original")).status_code == 200


def test_a_result_is_used_as_input(ada_client, demo, media):
    picture = made(ada_client)
    form = {"words": "At night", "key": str(uuid.uuid4())}
    assert ada_client.get(address(picture, "use")).status_code == 200
    assert post(ada_client, address(picture, "use"), **form).status_code == 303
    other = ended()
    assert (other.kind, other.parent, other.words) == ("convert", picture, "At night")
    assert opened(media, other.original).size == opened(media, picture.result).size


def test_a_full_storage_is_said_in_words(ada_client, demo, media, settings):
    made(ada_client)
    settings.STORAGE_PER_PERSON = 100
    before = stored_files(media)
    for response in (convert(ada_client), create(ada_client)):
        assert response.status_code == 409
        assert "of 100" in Page(response).alerts[0]
    assert stored_files(media) == before


def test_where_the_storage_is_full_no_photo_is_looked_at(ada_client, demo, media, settings):
    made(ada_client)
    settings.STORAGE_PER_PERSON = 100
    assert convert(ada_client, b"No photo").status_code == 409


def test_a_full_storage_refuses_another_try(ada_client, demo, media, settings):
    made(ada_client)
    demo.fault = "500"
    picture = made(ada_client)
    settings.STORAGE_PER_PERSON = 100
    response = post(ada_client, address(picture, "retry"), tries=picture.tries)
    assert response.status_code == 409
    assert "Delete pictures, or conversations with files, for good." in Page(response).text
    assert Picture.objects.get(pk=picture.pk).state == State.ERROR


def test_attached_files_take_room_from_pictures(ada_client, ada, demo, media, settings):
    message = make_conversation(ada, "Look").messages.get()
    make_attachment(message, "a.txt", b"x" * 1_000)
    settings.STORAGE_PER_PERSON = 1_000
    assert create(ada_client).status_code == 409


def test_a_service_may_be_called_without_a_form(ada, demo, media):
    picture = ghibli_converter.convert(ada, io.BytesIO(sideways_photo()), "a.jpg", "Fog")
    assert ended(picture).state == State.DONE
