"""A question can be edited, and a conversation forked; nothing of either is lost."""

import re

import pytest
from playwright.sync_api import expect

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


def converse(reader, speaker, *questions):
    reader.open("/chat/new/")
    for number, question in enumerate(questions):
        reader.ask(question)
        speaker.end(f"Reply {number + 1}.")
        reader.expect_words(f"Reply {number + 1}.")
        reader.expect_state("done")


def open_editor(reader):
    """Press the first Edit of the page, with the keyboard."""
    reader.use("button", "Edit")
    reader.expect_focus_on("textbox", "Edited message")
    return reader.control("textbox", "Edited message")


def send_edit(reader, text):
    reader.press("ControlOrMeta+A")
    reader.type(text)
    if reader.scripts:
        reader.wait_for_htmx(reader.control("textbox", "Edited message"))
        reader.press("Enter")
    else:
        reader.press("Tab")
        reader.press("Tab")  # Past Cancel.
        reader.press("Enter")


@pytest.mark.row("O-068")
def test_an_edited_question_has_its_own_reply_and_its_versions(reader, speaker, contents):
    converse(reader, speaker, "Tides?", "Spring tides?")
    editor = open_editor(reader)
    expect(editor).to_have_value("Tides?")
    send_edit(reader, "Neap tides?")
    speaker.say("Reply to ")
    reader.expect_words("Reply to")
    expect(reader.questions).to_have_count(1)
    expect(reader.question).to_contain_text("Neap tides?")
    expect(reader.focused).to_be_visible()
    speaker.end("that.")
    reader.expect_words("Reply to that.")
    reader.expect_state("done")
    expect(reader.question).to_contain_text("2 of 2")
    reader.use("button", "Previous version")
    expect(reader.questions).to_have_count(2)
    expect(reader.questions.first).to_contain_text("1 of 2")
    expect(reader.question).to_contain_text("Spring tides?")
    reader.use("button", "Next version")
    reader.expect_words("Reply to that.")
    assert contents() == ["Tides?", "Spring tides?", "Neap tides?"]


def test_an_edit_can_be_cancelled(reader, speaker, contents):
    converse(reader, speaker, "Tides?")
    open_editor(reader)
    reader.type("Never mind: ")
    if reader.scripts:
        reader.press("Escape")
        expect(reader.question).to_be_focused()
    else:
        reader.use("link", "Cancel")
    expect(reader.control("button", "Edit")).to_be_visible()
    expect(reader.question).to_contain_text("Tides?")
    expect(reader.question).not_to_contain_text("Never mind")
    assert contents() == ["Tides?"]


def test_what_is_typed_for_later_outlives_an_edit(reader, speaker):
    converse(reader, speaker, "Tides?")
    reader.tab_to("textbox", "Message")
    reader.type("My next question")
    open_editor(reader)
    send_edit(reader, "Neap tides?")
    speaker.end("Reply to that.")
    reader.expect_words("Reply to that.")
    reader.expect_state("done")
    expect(reader.message).to_have_value("My next question")


def test_an_edit_that_has_to_wait_keeps_its_text(reader, speaker, watch):
    watch.expect("409")
    converse(reader, speaker, "Tides?")
    reader.ask("Spring tides?")
    speaker.say("One. ")
    reader.expect_words("One.")
    editor = open_editor(reader)
    send_edit(reader, "Neap tides?")
    expect(reader.alert.filter(has_text="Wait for the reply")).to_be_visible()
    expect(editor).to_have_value("Neap tides?")
    expect(editor).to_be_focused()
    speaker.end()


@with_scripts
def test_a_reply_further_up_that_is_made_again_ends_the_branch(reader, speaker):
    converse(reader, speaker, "Tides?", "Spring tides?")
    reader.use("button", "Regenerate")
    speaker.end("Another reply.")
    reader.expect_words("Another reply.")
    reader.expect_state("done")
    expect(reader.questions).to_have_count(1)
    expect(reader.replies).to_have_count(1)


def test_a_conversation_can_be_forked(reader, speaker):
    converse(reader, speaker, "Tides?", "Spring tides?")
    reader.tab_to("textbox", "Message")
    reader.type("Unsent")
    address = reader.page.url
    reader.open_menu("More", reader.replies.first)
    reader.use("button", "Fork")
    expect(reader.control("heading", "Tides? (2)")).to_be_visible()
    expect(reader.questions).to_have_count(1)
    reader.expect_words("Reply 1.")
    expect(reader.message).to_have_value("")
    reader.page.goto(address)
    expect(reader.questions).to_have_count(2)
    expect(reader.message).to_have_value("Unsent")


def test_the_time_of_a_message_is_a_link_to_it(reader, speaker):
    converse(reader, speaker, "Tides?")
    link = reader.question.get_by_role("link")
    address = link.get_attribute("href")
    reader.open(address)
    expect(reader.page).to_have_url(re.compile(r"/chat/\d+/#message-\d+$"))
    expect(reader.question).to_be_visible()


def test_an_edit_outlives_a_session_that_ends_meanwhile(reader, speaker, person, watch):
    watch.expect("401")
    converse(reader, speaker, "Tides?")
    open_editor(reader)
    reader.page.context.clear_cookies(name="sessionid")
    send_edit(reader, "Typed for an hour")
    reader.fill("Username", person.name)
    reader.fill("Password", person.password)
    reader.press("Enter")
    editor = reader.control("textbox", "Edited message")
    expect(editor).to_have_value("Typed for an hour")
    reader.tab_to("textbox", "Edited message")
    send_edit(reader, "Typed for an hour")
    expect(reader.question).to_contain_text("Typed for an hour")
    speaker.end("Welcome back.")
    reader.expect_state("done")
