"""What each page and each template has to be, so that a browser for text can act on it."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.chat.models import SavedPrompt, Tag
from tests.chat.conftest import _database_for_threads, transactional_db  # noqa: F401
from tests.factories import (
    make_attachment,
    make_conversation,
    make_message,
    make_picture,
    make_reply,
)
from tests.html4 import Browser, Form, presses
from tests.live_server import ROOT
from tests.page import words

pytestmark = pytest.mark.any_database

STARTS = ("/", "/chat/", "/gallery/", "/chat/trash/", "/gallery/trash/", "/users/profile/")
NUMBER = re.compile(r"\d+")
BUTTONS = (
    "Send", "Stop", "Try again", "Continue", "Regenerate", "Edit", "Rename", "Delete", "Fork",
    "Previous version", "Pin", "Archive", "Unarchive", "Summarise", "Pirate", "Remove waiting.txt",
    "parlor-demo-mini", "Delete the selected", "Favourite: “First”", "Restore", "Delete for good",
)  # fmt: skip
FIELDS = ("input", "select", "textarea", "button")


@pytest.fixture
def pages(ada, demo):
    """Every page that links lead to, of rows that show all the buttons."""
    SavedPrompt.objects.create(user=ada, name="Pirate", text="Talk like a pirate.")
    talk = make_conversation(ada, "Question", "Reply", "Another")
    Tag.objects.create(user=ada, name="garden").conversations.add(talk)
    make_attachment(talk.messages.first())
    make_attachment(talk, "waiting.txt", b"A text")
    make_reply(talk, "Second reply")
    make_reply(talk, "Its other version", parent_id=talk.messages.last().parent_id)
    make_reply(make_conversation(ada, "Question", title="Stopped"), state="stopped")
    make_reply(make_conversation(ada, "Question", title="Cut"), state="interrupted", error="cut")
    make_conversation(ada, "Question", title="Deleted", deleted_at=timezone.now())
    make_picture(ada, "Deleted", deleted_at=timezone.now())
    filtered = make_conversation(ada, "Question", title="Filtered", is_archived=True)
    make_reply(filtered, state="error", error="filter")
    growing = make_conversation(ada, "Question", title="Growing")
    make_reply(growing, state="queued")
    make_picture(ada, "First", is_favourite=True)
    make_picture(ada, "Second", state="stopped")
    make_message(make_conversation(ada, title="Only a question"), "Question")
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    starts = [*STARTS, *(each.get_absolute_url() for each in ada.conversations.all())]
    starts += [each.get_absolute_url() for each in ada.pictures.all()]
    return list(walk(Browser(client), starts))


def walk(browser, starts):
    """Open each page; of those whose addresses differ by numbers alone, the given ones and one."""
    seen, ahead = set(), list(starts)
    while ahead:
        address = ahead.pop().partition("#")[0]
        kind = address if address in starts else NUMBER.sub("0", address)
        response = None
        if kind not in seen and address.startswith("/") and "/export/" not in address:
            seen.add(kind)
            response = browser.client.get(address)
        if response and response.status_code == 200 and is_page(response):
            page = browser.show(address, response)
            ahead += page.links.values()
            yield address, page


def is_page(response):
    return not response.streaming and response["Content-Type"].startswith("text/html")


@pytest.mark.row("O-127")
def test_every_page_can_be_acted_on(pages):
    assert len(pages) > 25
    for address, page in pages:
        for check in (see_fields, see_presses, see_labels, see_nothing_new):
            check(page, address)
    # Or the checks would find nothing wrong with what they do not see.
    found = {button.name for _, page in pages for _, button in presses(page)}
    assert set(BUTTONS) <= found, set(BUTTONS) - found


def see_fields(page, address):
    """What is filled in is in the form that it is sent with."""
    placed = [field for form in page.root.iter("form") for field in form.iter()]
    for field in page.root.iter():
        if field.tag in FIELDS and (field.tag == "button" or "name" in field.attrib):
            assert field in placed, f"{address}: {field.tag} {field.attrib}"
            assert "form" not in field.attrib or field.tag == "button", address


def see_presses(page, address):
    """A button is sent where HTML 5 sends it; what changes something has a token."""
    for form, button in presses(page):
        attributes, where = button.element.attrib, f"{address}: {button.name}"
        other = page.named(attributes["form"]) if "form" in attributes else form.element
        assert attributes.get("formaction", Form(other).action) == form.action, where
        assert "formmethod" not in attributes, where
        assert ("csrfmiddlewaretoken" in form.values()) == (form.method == "post"), where


def see_labels(page, address):
    """A name for screen readers alone would leave nothing to be seen."""
    for each in [*page.root.iter("button"), *page.root.iter("a")]:
        images = [image.get("alt") for image in each.iter("img")]
        assert words(each) or any(images), f"{address}: {each.tag} {each.attrib}"


def see_nothing_new(page, address):
    assert not {each.tag for each in page.root.iter()} & {"dialog", "template"}, address
    assert not [each for each in page.root.iter() if "popover" in each.attrib], address


def test_html_5_alone_knows_what_few_templates_say():
    """`form=` and `formaction` only improve on a form that HTML 4 finds, too."""
    improved = re.compile(r"\sform(action|method|enctype)?=")
    found = {
        str(path.relative_to(ROOT / "templates"))
        for path in (ROOT / "templates").rglob("*.html")
        if improved.search(path.read_text())
    }
    assert found == {
        "chat/_button.html",
        "ghibli_converter/_favourite.html",
    }
