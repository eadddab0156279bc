"""What can be done with a reply: stop it, try again, choose a version; and with a conversation."""

import re

import pytest
from playwright.sync_api import expect


def begin(reader, speaker, said="One. Two. "):
    """Ask in a new conversation, and wait until the reply has begun."""
    reader.open("/chat/new/")
    reader.ask("Count, please.")
    speaker.say(said)
    reader.expect_words(said.strip())


@pytest.mark.row("O-062")
def test_stop_keeps_what_has_arrived_and_hangs_up(reader, speaker):
    begin(reader, speaker)
    reader.stop()
    reader.expect_state("stopped")
    speaker.wait_for_hang_up()
    reader.expect_words("One. Two.")
    expect(reader.reply.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(reader.control("button", "Stop")).to_be_hidden()
    expect(
        reader.control("button", "Send").or_(reader.message).and_(reader.focused)
    ).to_be_visible()
    reader.page.reload()
    reader.expect_words("One. Two.")


def test_the_conversation_goes_on_after_stop(reader, speaker):
    begin(reader, speaker)
    reader.stop()
    reader.expect_state("stopped")
    speaker.wait_for_hang_up()
    reader.ask("And on?")
    speaker.end("Three.")
    reader.expect_words("Three.")
    reader.expect_state("done")
    assert [message["role"] for message in speaker.demo.requests[-1]["body"]["messages"]] == [
        "user",
        "assistant",
        "user",
    ]


def test_what_is_being_typed_outlives_stop(reader, speaker):
    begin(reader, speaker)
    reader.type("My next question")
    reader.stop()
    reader.expect_state("stopped")
    expect(reader.message).to_have_value("My next question")


@pytest.mark.row("O-064")
def test_stop_can_come_before_the_first_word(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Count, please.")
    speaker.demo.wait_for(lambda requests: requests)
    reader.stop()
    reader.expect_state("stopped")
    speaker.wait_for_hang_up()
    reader.use("button", "Try again")
    speaker.end("One.")
    reader.expect_words("One.")
    reader.expect_state("done")


def test_an_error_is_said_and_can_be_tried_again(reader, demo):
    demo.fault = "401"
    reader.open("/chat/new/")
    reader.ask("hello")
    reader.expect_state("error")
    expect(reader.reply).to_have_attribute("data-error", "credentials")
    reader.expect_words("The AI service refused our credentials.")
    demo.fault = None
    reader.use("button", "Try again")
    reader.expect_words("Parlor's demo model")
    reader.expect_state("done")
    expect(reader.reply).not_to_have_attribute("data-error", re.compile(".*"))
    expect(reader.focused).to_be_visible()
    expect(reader.questions).to_have_count(1)


def test_a_reply_that_was_cut_off_can_go_on(reader, demo, speaker):
    demo.fault = "cut"
    reader.open("/chat/new/")
    reader.ask("Count, please.")
    expect(reader.reply).to_have_attribute("data-error", "cut")
    reader.expect_words("Here are three parts.")
    demo.fault = "speaker"
    reader.use("button", "Continue")
    speaker.end(" And a fourth.")
    reader.expect_words("Here are three parts. And a fourth.")
    reader.expect_state("done")


@pytest.mark.row("O-066")
def test_versions_of_a_reply_can_be_made_and_chosen(reader, speaker):
    begin(reader, speaker, "First version.")
    speaker.end()
    reader.expect_state("done")
    reader.use("button", "Regenerate")
    speaker.say("Second version")
    reader.expect_words("Second version")
    expect(reader.focused).to_be_visible()
    speaker.end(".")
    reader.expect_state("done")
    reader.expect_words("2 of 2")
    reader.use("button", "Previous version")
    reader.expect_words("First version.")
    expect(reader.reply).not_to_contain_text("Second version.")
    reader.expect_words("1 of 2")
    reader.use("button", "Next version")
    reader.expect_words("Second version.")
    expect(reader.replies).to_have_count(1)


def test_what_is_being_typed_outlives_the_choice_of_a_version(reader, speaker):
    begin(reader, speaker, "First version.")
    speaker.end()
    reader.expect_state("done")
    reader.use("button", "Regenerate")
    speaker.end("Second version.")
    reader.expect_words("Second version.")
    reader.expect_state("done")
    reader.tab_to("textbox", "Message")
    reader.type("My next question")
    reader.use("button", "Previous version")
    reader.expect_words("First version.")
    expect(reader.message).to_have_value("My next question")


def test_delete_asks_first(reader, speaker):
    begin(reader, speaker)
    speaker.end()
    reader.expect_state("done")
    link = reader.control("navigation", "Conversations").get_by_role("link", name="Count, please.")
    expect(link).to_be_visible()
    reader.use("button", "Delete")
    expect(reader.control("heading", "Delete this conversation?")).to_be_visible()
    reader.use("link", "Keep it")
    reader.expect_words("One. Two.")
    reader.use("button", "Delete")
    expect(reader.control("heading", "Delete this conversation?")).to_be_visible()
    reader.use("button", "Delete")
    expect(reader.page).to_have_url(re.compile(r"/chat/\?deleted=\d+$"))
    expect(reader.control("navigation", "Conversations")).to_be_visible()
    expect(link).to_have_count(0)


@pytest.mark.row("O-065")
def test_a_conversation_can_be_deleted_while_a_reply_is_written(reader, speaker):
    begin(reader, speaker)
    reader.use("button", "Delete")
    expect(reader.control("heading", "Delete this conversation?")).to_be_visible()
    reader.use("button", "Delete")
    expect(reader.page).to_have_url(re.compile(r"/chat/\?deleted=\d+$"))
    speaker.wait_for_hang_up()
