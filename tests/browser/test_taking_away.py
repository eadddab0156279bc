"""Taking conversations away, bringing them along, and sharing them, by keyboard."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import expect_no_violations


@pytest.fixture
def conversation(reader, speaker):
    """The page of a conversation that has a reply."""
    reader.open("/chat/new/")
    reader.ask("Why are there tides?")
    speaker.end("Because of the **moon**.")
    reader.expect_state("done")
    return reader.page.url.removeprefix(reader.url).removesuffix("follow/")


# For the browser, a page that turns out to be a file was not loaded.
DOWNLOADED = r"failed: GET \S+/(export/\w+|file)/ net::ERR_ABORTED"


@pytest.mark.parametrize(
    ("form", "name"), [("Text", "txt"), ("Markdown", "md"), ("JSON", "json"), ("PDF", "pdf")]
)
def test_a_conversation_is_downloaded_from_its_menu(reader, conversation, watch, form, name):
    watch.expect(DOWNLOADED)
    reader.open_menu("Export")
    with reader.page.expect_download() as download:
        reader.use("link", form)
    assert download.value.suggested_filename == f"Why_are_there_tides.{name}"
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF") if name == "pdf" else b"moon" in content


def wait_for_its_end(reader):
    """Wait for an export or import; without scripts its reader looks again and again."""
    expect(reader.page).to_have_url(re.compile("/chat/transfers/"))
    transfer = reader.page.locator("#transfer")
    while not reader.scripts and transfer.get_attribute("data-state") in ("queued", "running"):
        reader.go("link", "Show how far it is")


def test_everything_is_exported_and_imported_again(reader, conversation, watch):
    watch.expect(DOWNLOADED)
    reader.open("/users/profile/")
    reader.use("link", "Export everything")
    reader.use("button", "Make the ZIP file")
    wait_for_its_end(reader)
    with reader.page.expect_download() as download:
        reader.use("link", "Download")
    reader.open("/chat/import/")
    with reader.page.expect_file_chooser() as chooser:
        reader.page.get_by_label("File").focus()
        reader.press("Enter")
    chooser.value.set_files(download.value.path())
    reader.use("button", "Import")
    wait_for_its_end(reader)
    expect(reader.page.get_by_text("1 was here already.")).to_be_visible()


@pytest.mark.row("O-111")
def test_a_link_is_made_opened_and_revoked(reader, conversation, open_context, watch):
    reader.open_actions()
    reader.use("link", "Share")
    expect(reader.control("heading", "Share this conversation?")).to_be_visible()
    reader.use("button", "Make a link")
    link = reader.page.get_by_role("link", name=re.compile("chat.shared")).inner_text()
    stranger = open_context().new_page()
    stranger.goto(link)
    expect(stranger.get_by_text("Because of the moon.")).to_be_visible()
    expect(stranger.get_by_role("button")).to_have_count(0)
    reader.use("button", "Revoke")
    expect(reader.page.get_by_text("You have shared nothing.")).to_be_visible()
    watch.expect("404")
    assert stranger.goto(link).status == 404


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
def test_nothing_of_it_is_in_anybodys_way(open_context, shared_server, person, tmp_path, scripts):
    """axe-core's rules, on a phone and on a desk, in light and dark."""
    from tests.browser.keyboard import Keyboard

    page = open_context(person, bypass_csp=True).new_page()
    reader = Keyboard(page, shared_server.url, scripts)
    for path in "/chat/export/", "/chat/import/", "/chat/shares/":
        reader.open(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect_no_violations(reader)
    file = tmp_path / "conversations.json"
    message = {"parent": None, "role": "user", "content": "Words"}
    fields = {"version": 1, "id": "5b0f3f4e-0000-4000-8000-000000000001", "title": "A title"}
    good = {"format": "parlor-conversation", **fields, "messages": [message]}
    file.write_text(json.dumps([good, {"title": "Odd", "mapping": {}}]))
    reader.open("/chat/import/")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import").press("Enter")
    expect(reader.control("heading", "Left out")).to_be_visible()
    expect_no_violations(reader)
    reader.open("/chat/")
    page.get_by_role("link", name="A title").press("Enter")
    reader.open_menu("Export")
    expect(reader.control("link", "Markdown")).to_be_visible()
    expect_no_violations(reader)
    page.goto(page.url + "share/")
    expect_no_violations(reader)
    reader.use("button", "Make a link")
    link = page.get_by_role("link", name=re.compile("chat.shared"))
    expect(link).to_be_visible()
    expect_no_violations(reader)
    page.goto(link.inner_text())
    expect(page.get_by_text("Words")).to_be_visible()
    expect_no_violations(reader)
