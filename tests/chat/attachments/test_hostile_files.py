"""Files that are not what they say, or more than they look: refused or tamed, in words."""

import re
import time

import pytest

from apps.chat.models import Attachment, Message
from tests.chat.talk import send
from tests.page import Page
from tests.uploads import (
    assert_tame,
    hostile_files,
    pdf,
    picture,
    png_of,
    read_by_the_header,
    saved,
)

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]

HOSTILE = hostile_files()
KINDS = {"picture", "text", "pdf"}


def stored_files(media):
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.row("O-096", "O-097")
@pytest.mark.parametrize("case", HOSTILE)
def test_each_is_refused_or_handled_in_words(ada_client, demo, media, case):
    name, data, outcome = HOSTILE[case]
    started = time.process_time()
    response = send(ada_client, (name, data), text="What is this?")
    assert time.process_time() - started < 12
    if outcome in KINDS:
        assert response.status_code == 303, Page(response).alerts
        assert_harmless(Attachment.objects.get(), outcome, media)
        return
    assert response.status_code == 422
    page = Page(response)
    words = (outcome,) if isinstance(outcome, str) else outcome
    assert any(each in page.alerts[0] for each in words), page.alerts
    assert name in page.alerts[0]
    assert page.typed == "What is this?"
    assert not Attachment.objects.exists()
    assert not Message.objects.exists()
    assert stored_files(media) == []


def assert_harmless(attachment, kind, media):
    assert attachment.kind == kind
    assert re.fullmatch(r"attachments/../[0-9a-f]{32}\.(png|jpeg|webp|txt)", attachment.file.name)
    stored = stored_files(media)
    assert {str(path.relative_to(media)) for path in stored} == {
        file.name for file in (attachment.file, attachment.thumbnail) if file
    }
    if kind == "picture":
        for path in stored:
            assert_tame(path.read_bytes())


@pytest.mark.row("O-097")
def test_a_bomb_is_refused_by_its_header(ada_client, demo, media):
    bomb = png_of(20_000)
    send(ada_client, ("small.png", saved(picture(), "PNG")))  # What is imported once is no part.
    with read_by_the_header():
        assert send(ada_client, ("bomb.png", bomb)).status_code == 422


def test_a_pdf_that_takes_too_long_is_given_up(ada_client, demo, media, settings):
    settings.ATTACHMENT_SECONDS = 0.02
    response = send(ada_client, ("slow.pdf", pdf("Words")))
    assert "takes too long" in Page(response).alerts[0]
    assert stored_files(media) == []
