"""The shortcuts of the page that lists them; and that they can be switched off."""

import re
from contextlib import nullcontext

import pytest
from playwright.sync_api import expect

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])
ALT = 1  # The modifier of access keys in Chromium.


def press_access_key(reader, letter):
    keys = reader.page.context.new_cdp_session(reader.page)
    key = {"key": letter, "code": f"Key{letter.upper()}", "modifiers": ALT}
    number = {"windowsVirtualKeyCode": ord(letter.upper())}
    text = {"text": letter, "unmodifiedText": letter}
    keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **key, **number, **text})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **key, **number})


def wait_for_access_key(reader, letter):
    """Wait until the page has come as far as the link with the key."""
    expect(reader.page.locator(f"[accesskey={letter}]")).to_be_attached()


def leave_the_composer(reader):
    reader.press("Shift+Tab")
    expect(reader.message).not_to_be_focused()


def begin(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Count, please.")
    speaker.say("One. Two. ")
    reader.expect_words("One. Two.")


def test_access_keys_lead_to_their_places(reader, speaker):
    begin(reader, speaker)
    address = re.sub("follow/$", "", reader.page.url)
    speaker.end()
    reader.expect_state("done")
    leave_the_composer(reader)
    press_access_key(reader, "m")
    reader.expect_focus_on("textbox", "Message")
    press_access_key(reader, "k")
    expect(reader.control("heading", "Keyboard shortcuts")).to_be_visible()
    reader.page.goto(address)
    press_access_key(reader, "l")
    expect(reader.page).to_have_url(re.compile("/chat/#conversations$"))
    wait_for_access_key(reader, "s")
    press_access_key(reader, "s")
    expect(reader.page).to_have_url(re.compile("/chat/search/$"))
    wait_for_access_key(reader, "n")
    press_access_key(reader, "n")
    expect(reader.page).to_have_url(re.compile("/chat/new/$"))


def test_an_access_key_stops_the_reply(reader, speaker):
    begin(reader, speaker)
    with nullcontext() if reader.scripts else reader.leaving():
        press_access_key(reader, "t")
    reader.expect_state("stopped")
    speaker.wait_for_hang_up()


def test_skip_links_come_first(reader, speaker):
    begin(reader, speaker)
    speaker.end()
    reader.expect_state("done")
    reader.page.goto(re.sub("follow/$", "", reader.page.url))
    reader.tab_to("link", "Skip to the messages")
    reader.press("Enter")
    reader.tab_to("log", "Messages", key="Escape")
    reader.tab_to("link", "Write a message", key="Shift+Tab")
    reader.press("Enter")
    reader.expect_focus_on("textbox", "Message")
    reader.tab_to("link", "Skip to the conversations", key="Shift+Tab")
    reader.press("Enter", "Tab")
    expect(reader.focused).to_have_attribute("aria-current", "page")


@with_scripts
def test_single_keys_work_outside_of_fields_only(reader):
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.wait_for_htmx()
    reader.type("Is 1/2 a half?")
    expect(reader.message).to_have_value("Is 1/2 a half?")
    leave_the_composer(reader)
    reader.press("/")
    reader.expect_focus_on("textbox", "Message")
    expect(reader.message).to_have_value("Is 1/2 a half?")
    leave_the_composer(reader)
    reader.press("?")
    expect(reader.control("heading", "Keyboard shortcuts")).to_be_visible()


@with_scripts
def test_a_new_chat_begins_with_keys(reader, speaker):
    begin(reader, speaker)
    reader.press("Control+Shift+O")
    expect(reader.page).to_have_url(re.compile("/chat/new/$"))
    speaker.end()


@with_scripts
def test_escape_stops_the_reply_and_keys_make_another(reader, speaker):
    begin(reader, speaker)
    reader.press("Escape")
    reader.expect_state("stopped")
    speaker.wait_for_hang_up()
    reader.ask("Once more.")
    speaker.end("One.")
    reader.expect_state("done")
    reader.press("Control+Shift+G")
    speaker.end("Uno.")
    reader.expect_words("Uno.")
    reader.expect_state("done")
    expect(reader.replies).to_have_count(2)
    expect(reader.reply).to_contain_text("2 of 2")


def test_shortcuts_can_be_switched_off(reader, speaker):
    reader.open("/users/profile/")
    reader.tab_to("checkbox", "Keyboard shortcuts")
    reader.press("Space")
    reader.use("button", "Save")
    expect(reader.page.get_by_text("Your profile is saved.")).to_be_visible()
    begin(reader, speaker)
    press_access_key(reader, "t")
    reader.press("Escape")
    speaker.end("Three.")
    reader.expect_words("Three.")
    reader.expect_state("done")
