"""Making pictures by keyboard: from a photo, from words, given up, tried again, looked through."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import expect_no_violations
from tests.browser.keyboard import Keyboard, is_loaded
from tests.uploads import sideways_photo

PHOTO = {"name": "lake.jpg", "mimeType": "image/jpeg", "buffer": sideways_photo((1200, 800))}
BAD = {"name": "bad.png", "mimeType": "image/png", "buffer": b"<svg/>"}


def picture(reader):
    """Return the picture of the page; without scripts there is what came before it, too."""
    return reader.page.locator("#picture")


def expect_state(reader, state):
    expect(picture(reader)).to_have_attribute("data-state", state)


def make(reader, words="Two foxes"):
    reader.open("/gallery/?make=create")
    reader.fill("What should it show?", words)
    reader.use("button", "Make the picture")


def test_a_photo_is_converted_and_stands_in_the_gallery(reader, demo):
    reader.open("/gallery/")
    reader.choose("Photo", PHOTO)
    reader.tab_to("radio", "Ghibli-inspired")
    reader.press("ArrowDown")
    expect(reader.control("radio", "Watercolour")).to_be_checked()
    reader.use("button", "Convert the photo")
    expect_state(reader, "done")
    before = picture(reader).get_by_role("img", name="The photo: lake.jpg")
    assert is_loaded(before) == 800  # It stands upright.
    assert is_loaded(picture(reader).get_by_role("img", name="lake", exact=True)) == 1024
    expect(picture(reader).get_by_text("Watercolour")).to_be_visible()
    reader.go("link", "Gallery")
    card = reader.page.get_by_role("link", name="lake", exact=True)
    assert is_loaded(card.get_by_role("img"))
    reader.use("link", "lake")
    expect_state(reader, "done")


def test_a_refused_photo_leaves_what_was_typed(reader, demo, watch):
    watch.expect("422")
    reader.open("/gallery/")
    reader.choose("Photo", BAD)
    reader.fill("Your words (optional)", "In the rain")
    reader.use("button", "Convert the photo")
    expect(reader.alert.get_by_text("not a picture we can use")).to_be_visible()
    expect(reader.control("textbox", "Your words (optional)")).to_have_value("In the rain")


def test_a_picture_is_cancelled_and_tried_again(reader, demo):
    demo.fault = "image-silent"
    make(reader)
    growing = reader.page.locator("article[data-state]").first
    expect(growing).to_have_attribute("data-state", re.compile("queued|running"))
    reader.stop("Cancel")
    expect_state(reader, "stopped")
    demo.fault = None
    reader.use("button", "Try again")
    expect_state(reader, "done")


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
def test_the_end_of_a_picture_leaves_its_description_alone(reader, person, demo):
    demo.fault = "image-silent"
    make(reader)
    expect(reader.control("button", "Cancel")).to_be_visible()
    reader.page.locator("summary", has_text="Edit the description").focus()
    reader.press("Enter")
    reader.fill("What does it show?", "Two foxes at")
    person.post(f"{reader.page.url.removeprefix(reader.url)}cancel/")
    expect_state(reader, "stopped")
    expect(reader.page.get_by_role("status")).to_have_text("Cancelled")
    reader.type(" dusk")
    reader.use("button", "Save")
    expect(reader.page.get_by_role("heading", name="Two foxes at dusk")).to_be_visible()


def test_what_the_service_declines_can_be_said_otherwise(reader, demo):
    demo.fault = "image-moderation"
    make(reader, "Something forbidden")
    expect_state(reader, "error")
    expect(picture(reader).get_by_text("content rules")).to_be_visible()
    demo.fault = None
    reader.use("link", "Change the words")
    expect(reader.control("textbox", "What should it show?")).to_have_value("Something forbidden")
    reader.fill("What should it show?", "Something nice")
    reader.use("button", "Make the picture")
    expect_state(reader, "done")


def test_pictures_are_marked_deleted_and_restored(reader, demo):
    make(reader, "Two foxes")
    expect_state(reader, "done")
    reader.go("link", "Gallery")
    reader.use("button", "Favourite: “Two foxes”")
    expect(reader.control("button", "Favourite: “Two foxes”")).to_have_attribute(
        "aria-pressed", "true"
    )
    reader.go("link", "Favourites")
    expect(reader.page.get_by_role("img", name="Two foxes")).to_be_visible()
    reader.use("checkbox", "Select “Two foxes”", key="Space")
    reader.use("button", "Delete the selected")
    expect(reader.page.get_by_text("1 picture is in the trash.")).to_be_visible()
    expect(reader.page.get_by_role("img", name="Two foxes")).to_have_count(0)
    reader.use("button", "Restore")
    expect(reader.page.get_by_role("img", name="Two foxes")).to_be_visible()


def test_a_picture_is_shared_until_the_link_is_revoked(reader, open_context, demo, watch):
    watch.expect("404")
    make(reader, "Two foxes")
    expect_state(reader, "done")
    reader.page.locator("summary", has_text="Share").focus()
    reader.press("Enter")
    reader.use("button", "Make a link")
    link = reader.page.locator(".picture__link a").get_attribute("href")
    stranger = open_context(scripts=reader.scripts).new_page()
    stranger.goto(link)
    assert is_loaded(stranger.get_by_role("img", name="Two foxes")) == 1024
    reader.use("button", "Revoke")
    expect(reader.control("button", "Revoke")).to_have_count(0)
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Page not found")).to_be_visible()


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
def test_every_page_is_for_everybody(shared_server, open_context, person, demo, watch):
    watch.expect("422")
    page = open_context(person, scripts=True, bypass_csp=True).new_page()
    reader = Keyboard(page, shared_server.url, scripts=True)
    demo.fault = "image-silent"
    make(reader)
    expect(reader.control("button", "Cancel")).to_be_visible()
    expect_no_violations(reader)
    reader.stop("Cancel")
    expect_state(reader, "stopped")
    expect_no_violations(reader)
    demo.fault = None
    reader.use("button", "Try again")
    expect_state(reader, "done")
    expect_no_violations(reader)
    picture_page = page.url.removeprefix(reader.url)
    for path in (
        "/gallery/",
        "/gallery/?make=create",
        f"{picture_page}again/",
        f"{picture_page}use/",
    ):
        reader.open(path)
        expect(reader.page.get_by_role("heading", level=1)).to_be_attached()
        expect_no_violations(reader)
    reader.open(picture_page)
    reader.use("button", "Delete")
    expect(page.get_by_text("1 picture is in the trash.")).to_be_visible()
    expect_no_violations(reader)
    reader.open("/gallery/trash/")
    expect_no_violations(reader)
