"""Pictures in a conversation by keyboard: asked for, stopped, tried again, talked about."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import expect_no_violations
from tests.browser.keyboard import Keyboard, is_loaded
from tests.uploads import jpeg

PICTURE = {"name": "lake.jpg", "mimeType": "image/jpeg", "buffer": jpeg((1200, 800))}


def test_a_picture_is_asked_for_by_its_command(reader, demo):
    reader.open("/chat/new/")
    reader.fill("Message", "/image Two foxes")
    reader.use("button", "Send")
    reader.expect_state("done")
    assert is_loaded(reader.reply.get_by_role("img", name="Two foxes")) == 1024
    reader.reply.get_by_role("link", name="Two foxes").focus()  # The conversation is named so, too.
    reader.press("Enter")
    expect(reader.page.get_by_role("heading", name="Two foxes")).to_be_visible()
    reader.use("button", "Talk about this picture")
    expect(reader.control("button", "Remove Two foxes.png")).to_be_visible()
    reader.fill("Message", "What is this?")
    reader.use("button", "Send")
    reader.expect_state("done")
    reader.expect_words("a picture of 1024×1024")


def test_the_button_makes_a_picture_that_is_stopped_and_tried_again(reader, demo):
    demo.fault = "image-silent"
    reader.open("/chat/new/")
    reader.fill("Message", "Two foxes")
    reader.use("button", "Make a picture")
    expect(reader.question.get_by_text("/image Two foxes")).to_be_visible()
    reader.stop()
    reader.expect_state("stopped")
    demo.fault = None
    reader.use("button", "Try again")
    reader.expect_state("done")
    assert is_loaded(reader.reply.get_by_role("img", name="Two foxes")) == 1024


def test_an_attached_picture_is_converted(reader, demo):
    reader.open("/chat/new/")
    reader.fill("Message", "What is this?")
    reader.choose("Attach files", PICTURE)
    reader.use("button", "Send")
    reader.expect_state("done")
    reader.use("link", "Convert in Ghibli style")
    expect(reader.control("heading", "Convert in Ghibli style")).to_be_visible()
    reader.fill("Your words (optional)", "In the rain")
    reader.use("button", "Convert the photo")
    expect(reader.page.locator("#picture")).to_have_attribute("data-state", "done")
    expect(reader.page.get_by_role("img", name="The photo: lake.jpg").last).to_be_visible()


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
def test_every_page_is_for_everybody(shared_server, open_context, person, demo):
    page = open_context(person, scripts=True, bypass_csp=True).new_page()
    reader = Keyboard(page, shared_server.url, scripts=True)
    reader.open("/chat/new/")
    reader.fill("Message", "Two foxes")
    reader.use("button", "Make a picture")
    reader.expect_state("done")
    expect_no_violations(reader)


@pytest.fixture
def _refused(watch):
    watch.expect("422")


@pytest.mark.usefixtures("_refused")
def test_a_button_without_words_keeps_the_composer(reader, demo):
    reader.open("/chat/new/")
    reader.use("button", "Make a picture")
    expect(reader.alert.get_by_text("Type a message first.")).to_be_visible()
