"""Whatever becomes of a form that asks for a picture, its words are not lost."""

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.models import Picture
from tests.chat.talk import HTMX, post
from tests.factories import PASSWORD, make_attachment, make_conversation, make_picture
from tests.ghibli_converter.talk import address, convert, create
from tests.page import Page
from tests.uploads import png

pytestmark = pytest.mark.any_database

WORDS = 'Words that took an hour,\r\n  <b>and</b> "more"'
SHOWN = WORDS.replace("\r\n", "\n")


def typed(response):
    """Return what stands in the only text field of the page."""
    (field,) = Page(response).all("textarea")
    return "".join(field.itertext()).removeprefix("\n")


def log_in(client, location, username="ada"):
    """Log in at the page that the location names; return the page that comes next."""
    target = parse_qs(urlsplit(location).query)["next"][0]
    form = {"username": username, "password": PASSWORD, "next": target}
    return client.post(location, form, follow=True)


def action_of(page):
    return next(
        each.get("action")
        for each in page.all("form")
        if "picture-form__form" in each.get("class", "")
    )


def test_words_come_back_in_the_form_in_which_they_were_typed(client, ada, demo):
    ada_page = Client()
    ada_page.force_login(ada)
    action = action_of(Page(ada_page.get("/gallery/?make=create")))
    response = post(client, action, kind="create", words=WORDS, key=uuid.uuid4(), writer=ada.pk)
    assert response.status_code == 302
    page = log_in(client, response["Location"])
    assert page.request["PATH_INFO"] == "/gallery/"
    assert typed(page) == SHOWN
    assert "What should it show?" in Page(page).text
    assert not Picture.objects.exists()
    assert typed(client.get("/gallery/")) == SHOWN
    create(client, WORDS)
    assert typed(client.get("/gallery/")) == ""


def test_words_come_back_without_the_photo_which_is_said(client, ada, media):
    page = log_in(client, convert(client, words=WORDS)["Location"])
    assert typed(page) == SHOWN
    assert "Choose your files again." in Page(page).text
    assert "Convert the photo" in Page(page).buttons


def test_words_are_shown_to_their_writer_only(client, ada, bob):
    location = create(client, WORDS, writer=ada.pk)["Location"]
    assert typed(log_in(client, location, "bob")) == ""
    client.force_login(ada)
    assert Page(client.get("/gallery/")).all("input[@name='writer']")[0].get("value") == str(ada.pk)


def test_htmx_is_led_through_the_log_in(client, ada):
    response = create(client, WORDS, headers=HTMX)
    assert response.status_code == 401
    assert typed(log_in(client, response["HX-Redirect"])) == SHOWN


def test_an_open_page_stays_where_a_photo_is_chosen(client, ada, media):
    headers = {**HTMX, "HX-Current-URL": "http://testserver/gallery/"}
    response = convert(client, words=WORDS, headers=headers)
    assert response.status_code == 401
    assert typed(log_in(client, Page(response).links["Log in"])) == SHOWN


@pytest.mark.parametrize("page", ["again", "use", "convert"])
def test_words_for_another_picture_come_back(client, ada, media, page):
    if page == "convert":
        attachment = make_attachment(make_conversation(ada, "Look").messages.get(), "a.png", png())
        path = f"/chat/attachments/{attachment.pk}/convert/"
    else:
        path = address(make_picture(ada, "Earlier words"), page)
    response = log_in(client, post(client, path, words=WORDS, key=uuid.uuid4())["Location"])
    assert response.request["PATH_INFO"] == path
    assert typed(response) == SHOWN


def test_a_form_whose_token_is_too_old_shows_its_words(ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    response = create(client, WORDS)
    assert response.status_code == 403
    assert typed(response) == SHOWN


def test_a_form_that_is_too_big_shows_its_words(ada_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    words = "Seven. " * 1_000
    response = create(ada_client, words)
    assert response.status_code == 413
    assert typed(response) == words


@pytest.mark.parametrize(
    ("error", "status"), [(ZeroDivisionError(), 500), (OSError(28, "No space left"), 503)]
)
def test_a_bug_or_a_full_disk_does_not_cost_the_words(ada_client, monkeypatch, error, status):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(ghibli_converter, "create", fail)
    ada_client.raise_request_exception = False
    response = create(ada_client, WORDS)
    assert response.status_code == status
    assert typed(response) == SHOWN


def test_a_form_that_cannot_be_read_shows_its_words(ada_client, settings):
    settings.ALLOWED_HOSTS = ["other"]
    response = create(ada_client, WORDS)
    assert response.status_code == 400
    assert typed(response) == SHOWN
