"""Files that are not what they say, or more than they look: refused or tamed, in words."""

import re
import time

import pytest

from apps.ghibli_converter.models import Picture
from tests.ghibli_converter.talk import convert, converted, ended, stored_files
from tests.page import Page
from tests.uploads import NOT_A_PICTURE, assert_tame, hostile_files, png, png_of, read_by_the_header

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]

HOSTILE = hostile_files()
OTHER_KINDS = {"text", "empty", "password", "no text"}  # What they are to a chat.


@pytest.mark.row("O-096", "O-097")
@pytest.mark.parametrize("case", HOSTILE)
def test_each_is_refused_or_handled_in_words(ada_client, demo, media, case):
    name, data, outcome = HOSTILE[case]
    started = time.process_time()
    response = convert(ada_client, data, name=name, words="Make it rain")
    assert time.process_time() - started < 5
    if outcome == "picture":
        assert response.status_code == 303, Page(response).alerts
        assert_harmless(ended(), media)
        return
    assert response.status_code == 422
    page = Page(response)
    if outcome in OTHER_KINDS or not name.endswith((".png", ".jpg", ".gif", ".webp", ".heic")):
        outcome = NOT_A_PICTURE
    words = (outcome,) if isinstance(outcome, str) else outcome
    assert any(each in page.alerts[0] for each in words), page.alerts
    assert "".join(page.all("textarea")[0].itertext()).strip() == "Make it rain"
    assert not Picture.objects.exists()
    assert stored_files(media) == []


def assert_harmless(picture, media):
    assert picture.state == "done", picture.error
    named = [picture.original, picture.original_thumbnail, picture.result, picture.thumbnail]
    assert stored_files(media) == sorted(map(str, named))
    for name in named:
        assert re.fullmatch(r"pictures/../[0-9a-f]{32}\.(png|jpeg|webp)", str(name))
        assert_tame((media / str(name)).read_bytes())


@pytest.mark.row("O-097")
def test_a_bomb_is_refused_by_its_header(ada_client, demo, media):
    bomb = png_of(20_000)
    converted(ada_client, png(), name="small.png")  # What is imported once is no part of it.
    with read_by_the_header():
        assert convert(ada_client, bomb, name="bomb.png").status_code == 422


@pytest.mark.row("O-098")
def test_a_file_that_is_too_large_is_refused_with_the_words_kept(ada_client, media, settings):
    response = convert(ada_client, png() + bytes(settings.IMAGE_MAX_BYTES), words="Kept")
    assert response.status_code == 422
    page = Page(response)
    assert "too large" in page.alerts[0]
    assert "".join(page.all("textarea")[0].itertext()).strip() == "Kept"
    assert stored_files(media) == []


def test_a_form_without_a_photo_says_so(ada_client):
    response = ada_client.post("/gallery/", {"kind": "convert", "words": "Kept"})
    assert response.status_code == 422
    assert "Choose a photo first." in Page(response).alerts[0]
