"""Where the model's sight begins, and the summary of what is before it: read, corrected, made."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import expect_no_violations
from tests.browser.keyboard import Keyboard
from tests.live_server import wait_until

LINE = "The model no longer sees what is above; it has this summary instead"


@pytest.fixture
def conversation(shared_server, person):
    """The path of a conversation whose newest reply was made from its last two messages."""
    growing = person.ask("My first question")
    growing.read()
    path = re.sub(r"follow/$", "", growing.url).removeprefix(shared_server.url)
    person.ask("My second question", path).read()
    pk = int(path.split("/")[2])
    query = "SELECT id FROM chat_message WHERE conversation_id = ? ORDER BY id"
    ids = [row for (row,) in shared_server.query(query, pk)]
    shared_server.query("UPDATE chat_message SET first_seen = ? WHERE id = ?", ids[2], ids[3])
    shared_server.query(
        "INSERT INTO chat_summary (conversation_id, up_to_id, text, state, error, tries, model,"
        " corrected, created_at, updated_at)"
        " VALUES (?, ?, 'We spoke of ships.', 'ready', '', 0, 'a-model', 0, ?, ?)",
        pk,
        ids[1],
        "2026-01-01 12:00:00",
        "2026-01-01 12:00:00",
    )
    return path


def open_line(reader, conversation):
    reader.open(conversation)
    line = reader.page.get_by_text(LINE)
    expect(line).to_be_visible()
    line.focus()
    reader.press("Enter")
    expect(reader.control("textbox", "Summary")).to_be_visible()


def test_the_summary_is_corrected_where_it_stands(reader, conversation):
    open_line(reader, conversation)
    expect(reader.control("textbox", "Summary")).to_have_value("We spoke of ships.")
    reader.fill("Summary", "We spoke of trains.")
    reader.use("button", "Save")
    if reader.scripts:
        expect(reader.page.get_by_text("Saved.")).to_be_visible()
        expect(reader.page).to_have_url(re.compile(f"{conversation}$"))
        reader.expect_focus_on("button", "Save")
    else:
        expect(reader.page).to_have_url(re.compile("/summary/$"))
    expect(reader.control("textbox", "Summary")).to_have_value("We spoke of trains.")
    reader.page.reload()
    expect(reader.page.get_by_text("Corrected by you").first).to_be_attached()


def test_a_conversation_is_summarised_on_request(reader, conversation, shared_server):
    reader.open(conversation)
    reader.open_actions()
    reader.use("button", "Summarise")
    expect(reader.control("heading", "Summary")).to_be_visible()
    query = "SELECT id FROM chat_summary WHERE state = 'making'"
    wait_until(lambda: not shared_server.query(query))
    reader.page.reload()
    expect(reader.page.get_by_text("covers the whole conversation")).to_be_visible()
    expect(reader.control("textbox", "Summary")).to_have_value(re.compile("question"))


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
def test_the_page_looks_again_until_the_summary_is_made(reader, conversation, speaker):
    reader.open(f"{conversation}summary/")
    reader.use("button", "Rebuild")
    expect(reader.page.get_by_text("A summary is being made …")).to_be_visible()
    speaker.end("Made anew.")
    expect(reader.control("textbox", "Summary")).to_have_value("Made anew.")


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
@pytest.mark.parametrize("is_open", [False, True], ids=["closed", "open"])
def test_the_line_goes_where_the_newest_reply_began(reader, conversation, speaker, is_open):
    """It has seen all of this; but what one is reading, or correcting, stays."""
    if is_open:
        open_line(reader, conversation)
    else:
        reader.open(conversation)
    reader.ask("My third question")
    speaker.end("One.")
    reader.expect_state("done")
    expect(reader.page.get_by_text(LINE)).to_have_count(1 if is_open else 0)


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
@pytest.mark.parametrize("path", ["", "summary/"])
def test_it_is_accessible(shared_server, open_context, person, conversation, path, scripts):
    page = open_context(person, bypass_csp=True).new_page()
    page.goto(f"{shared_server.url}{conversation}{path}")
    if not path:
        page.get_by_text(LINE).click()
    expect_no_violations(Keyboard(page, shared_server.url, scripts))
