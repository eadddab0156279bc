"""Attaching files by keyboard: chosen, refused, removed, sent, looked at."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import is_loaded
from tests.uploads import jpeg, png

PICTURE = {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": jpeg((1200, 800))}
TEXT = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Some notes. " * 200}
BAD = {"name": "bad.png", "mimeType": "image/png", "buffer": b"<svg/>"}


@pytest.fixture(autouse=True)
def _refusals_are_expected(watch):
    watch.expect("422")


def test_files_are_sent_with_the_message_and_shown_in_it(reader, demo):
    reader.open("/chat/new/")
    reader.fill("Message", "What is this?")
    reader.choose("Attach files", PICTURE, TEXT)
    reader.use("button", "Send")
    reader.expect_state("done")
    reader.expect_words("a picture of 1200×800, JPEG")
    picture = reader.question.get_by_role("img", name="cat.jpg")
    assert is_loaded(picture) == 480
    reader.question.locator("summary").first.focus()
    reader.press("Enter")
    expect(reader.question.get_by_text("Some notes. Some notes.")).to_be_visible()


def test_a_refused_file_holds_the_message_and_the_others_wait(reader, demo):
    reader.open("/chat/new/")
    reader.fill("Message", "What is this?")
    reader.choose("Attach files", PICTURE, BAD)
    reader.use("button", "Send")
    expect(reader.alert.get_by_text("not a picture we can use")).to_be_visible()
    expect(reader.message).to_have_value("What is this?")
    expect(reader.control("button", "Remove cat.jpg")).to_be_visible()
    reader.use("button", "Send")
    reader.expect_words("a picture of 1200×800, JPEG")
    expect(reader.control("button", "Remove cat.jpg")).to_have_count(0)


def test_a_waiting_file_can_be_removed(reader, demo):
    reader.open("/chat/new/")
    reader.fill("Message", "What is this?")
    reader.choose("Attach files", PICTURE, TEXT, BAD)
    reader.use("button", "Send")
    reader.use("button", "Remove cat.jpg")
    expect(reader.control("button", "Remove cat.jpg")).to_have_count(0)
    expect(reader.control("button", "Remove notes.txt")).to_be_visible()
    expect(reader.message).to_have_value("What is this?")
    expect(reader.focused).to_have_count(1)
    reader.use("button", "Send")
    reader.expect_words("the file notes.txt with 2400 characters")


def test_files_are_no_larger_than_a_narrow_page(open_context, shared_server, person, demo, scripts):
    page = open_context(person, viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"{shared_server.url}/chat/new/")
    name = "a-name-without-a-single-space-in-it" * 3 + ".png"
    files = [{"name": name, "mimeType": "image/png", "buffer": png((1600, 300))}, TEXT, BAD]
    page.get_by_label("Attach files").set_input_files(files)
    refusal = page.get_by_role("alert").get_by_text("not a picture we can use")
    for shown in (refusal, page.get_by_role("article").get_by_role("img", name=name)):
        page.get_by_role("button", name="Send").click()
        expect(shown).to_be_visible()
        expect(page.get_by_text("notes.txt").first).to_be_visible()
        page.wait_for_load_state()  # With its styles.
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.fixture
def full_disk(shared_server):
    """Return a function that lets files be stored again."""
    media = shared_server.folder / "media"
    away = media.with_name("media-away")
    media.mkdir(exist_ok=True)
    media.rename(away)
    media.write_text("No folder")

    def mend():
        media.unlink()
        away.rename(media)

    yield mend
    if away.exists():
        mend()


def test_files_that_could_not_be_stored_stay_chosen(
    open_context, shared_server, person, demo, scripts, full_disk
):
    """A browser chooses files for nobody: without scripts it shows the page of before by Back."""
    page = open_context(person).new_page()
    page.goto(f"{shared_server.url}/chat/new/")
    page.get_by_role("textbox", name="Message").fill("What is this?")
    page.get_by_label("Attach files").set_input_files([TEXT])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").get_by_text("could not be saved")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("What is this?")
    full_disk()
    if not scripts:
        page.get_by_label("Attach files").set_input_files([TEXT])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("the file notes.txt with 2400 characters").last).to_be_visible()
