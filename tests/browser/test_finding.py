"""Finding a conversation again, and going back in a long one."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.live_server import wait_until

LENGTH = 130
LESS_THAN_A_LINE = 12  # In px: the line in place of the link has another height.


@pytest.fixture
def long_conversation(shared_server, person):
    """A conversation of many messages; return its address."""
    query = shared_server.query
    ((owner,),) = query("SELECT id FROM users_user WHERE username = ?", person.name)
    now = "2026-01-01 00:00:00"
    ((conversation,),) = query(
        "INSERT INTO chat_conversation (user_id, title, created_at, updated_at, draft, is_pinned,"
        " is_archived, named_by_person, model, system_prompt, origin)"
        " VALUES (?, 'Long', ?, ?, '', 0, 0, 0, '', '', ?) RETURNING id",
        *(owner, now, now, uuid.uuid4().hex),
    )
    parent = None
    for number in range(LENGTH):
        ((parent,),) = query(
            "INSERT INTO chat_message (conversation_id, parent_id, role, content, timestamp, state,"
            " error, reasoning, refused, model, tokens_estimated, left_out)"
            " VALUES (?, ?, ?, ?, ?, 'done', '', '', 0, '', 0, '[]') RETURNING id",
            *(conversation, parent, "assistant" if number % 2 else "user"),
            *(f"Message number {number}.", now),
        )
    query("UPDATE chat_conversation SET tip_id = ? WHERE id = ?", parent, conversation)
    return f"/chat/{conversation}/"


def message(reader, number):
    return reader.page.get_by_role("article").filter(has_text=f"Message number {number}.")


def conversation_links(reader):
    return reader.control("navigation", "Conversations").get_by_role("link")


def begin(reader, demo, text="hello"):
    reader.open("/chat/new/")
    reader.ask(text)
    reader.expect_state("done")


def test_earlier_messages_come_without_a_jump(reader, long_conversation):
    reader.open(long_conversation)
    expect(message(reader, 129)).to_be_in_viewport()
    expect(message(reader, 79)).to_have_count(0)
    reader.tab_to("link", "Earlier messages")
    first = message(reader, 80)
    if reader.scripts:
        place = first.bounding_box()["y"]
        reader.press("Enter")
        expect(message(reader, 30)).to_be_attached()
        expect(reader.focused).to_have_text("What came before is above.")
        expect(reader.focused).to_be_in_viewport()
        moved = f"by {LESS_THAN_A_LINE} px at most"
        wait_until(
            lambda: abs(first.bounding_box()["y"] - place) <= LESS_THAN_A_LINE, lambda: moved
        )
        expect(message(reader, 129)).to_be_attached()
    else:
        reader.press("Enter")
    expect(message(reader, 79)).to_be_attached()
    reader.tab_to("link", "Earlier messages", key="Shift+Tab")
    reader.press("Enter")
    expect(message(reader, 0)).to_be_attached()
    expect(reader.control("link", "Earlier messages")).to_have_count(0)


def test_a_word_leads_to_its_message(reader, long_conversation):
    reader.open("/chat/")
    reader.tab_to("searchbox", "Search")
    reader.type("number 129")
    reader.press("Enter")
    expect(reader.control("heading", "Search")).to_be_visible()
    expect(reader.page.locator("mark")).to_have_text(["number", "129"])
    reader.use("link", "Long")
    expect(message(reader, 129)).to_be_in_viewport()


def test_words_are_looked_for_while_they_are_typed(reader, long_conversation):
    reader.open("/chat/search/")
    expect(reader.control("searchbox", "Search")).to_be_focused()
    reader.type("number 128")
    if not reader.scripts:
        reader.press("Enter")
    expect(reader.page.locator("mark")).to_have_text(["number", "128"])
    expect(reader.page).to_have_url(re.compile("q=number"))
    if reader.scripts:
        expect(reader.control("searchbox", "Search")).to_be_focused()


def test_a_conversation_is_renamed(reader, demo):
    begin(reader, demo)
    reader.use("button", "Rename")
    expect(reader.control("textbox", "Title")).to_be_focused()
    reader.fill("Title", "Another name")
    reader.use("button", "Rename")
    expect(reader.control("heading", "Another name")).to_be_visible()
    expect(conversation_links(reader)).to_have_text(["Another name"])


def test_a_conversation_is_pinned_and_what_is_typed_stays(reader, demo):
    begin(reader, demo)
    reader.type("My next question")
    reader.open_actions()
    reader.use("button", "Pin")
    expect(reader.control("heading", "Pinned")).to_be_visible()
    expect(reader.message).to_have_value("My next question")
    if reader.scripts:
        expect(reader.control("button", "Unpin")).to_be_focused()


def test_a_conversation_is_archived(reader, demo):
    begin(reader, demo)
    reader.open_actions()
    reader.use("button", "Archive")
    expect(conversation_links(reader)).to_have_count(0)
    reader.use("link", "Archive")
    expect(reader.control("heading", "Archive")).to_be_visible()
    reader.use("button", "Unarchive")
    expect(reader.page.get_by_text("The archive is empty.")).to_be_visible()
    expect(conversation_links(reader)).to_have_text(["hello"])


def test_a_tag_brings_its_conversations_together(reader, demo):
    begin(reader, demo, "first")
    reader.open("/chat/new/")
    reader.ask("second")
    reader.expect_state("done")
    reader.open_actions()
    reader.use("link", "Tags")
    reader.fill("New tags", "work")
    reader.use("button", "Save")
    reader.use("link", "work")
    expect(conversation_links(reader)).to_have_text(["second"])


def test_what_was_deleted_is_restored_at_once(reader, demo):
    begin(reader, demo)
    reader.use("button", "Delete")
    expect(reader.control("heading", "Delete this conversation?")).to_be_visible()
    reader.use("button", "Delete")
    expect(reader.alert.filter(has_text="is in the trash")).to_be_visible()
    expect(conversation_links(reader)).to_have_count(0)
    reader.use("button", "Restore")
    expect(conversation_links(reader)).to_have_text(["hello"])
    expect(reader.question).to_contain_text("hello")


def test_the_trash_is_emptied(reader, demo):
    begin(reader, demo)
    reader.use("button", "Delete")
    expect(reader.control("heading", "Delete this conversation?")).to_be_visible()
    reader.use("button", "Delete")
    expect(reader.alert.filter(has_text="is in the trash")).to_be_visible()
    reader.use("link", "Trash")
    reader.use("button", "Empty the trash")
    expect(reader.control("heading", "Empty the trash?")).to_be_visible()
    reader.use("button", "Empty the trash")
    expect(reader.alert.filter(has_text="The trash is empty.")).to_be_visible()


def test_an_account_is_deleted(reader, person, shared_server, open_context):
    reader.open("/users/profile/")
    reader.use("link", "Delete the account")
    reader.fill("Password", person.password)
    reader.use("button", "Delete my account")
    expect(reader.alert.filter(has_text="Your account is deleted")).to_be_visible()
    again = Keyboard(open_context(person).new_page(), shared_server.url, reader.scripts)
    again.open("/chat/")
    expect(again.control("button", "Log in")).to_be_visible()
