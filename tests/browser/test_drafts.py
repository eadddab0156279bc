"""What is typed is there again: after a reload, in another tab, after a refusal."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.live_server import wait_until

pytestmark = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


def pause_after_typing(reader, text):
    """Type, and wait until the draft has been kept."""
    reader.tab_to("textbox", "Message")
    reader.wait_for_htmx()
    with reader.page.expect_response("**/draft/") as kept:
        reader.page.keyboard.insert_text(text)  # At once: a pause would keep a part of it.
    assert kept.value.status == 204


def test_a_new_chat_that_was_not_sent_is_there_again(reader, speaker, contents):
    reader.open("/chat/new/")
    pause_after_typing(reader, "Half a thought")
    reader.page.reload()
    expect(reader.message).to_have_value("Half a thought")
    other = Keyboard(reader.page.context.new_page(), reader.url, reader.scripts)
    other.open("/chat/")
    expect(other.message).to_have_value("Half a thought")
    other.tab_to("textbox", "Message")
    other.press("ControlOrMeta+End")
    other.type(", now whole")
    other.send()
    expect(other.question).to_contain_text("Half a thought, now whole")
    speaker.end("Indeed.")
    other.expect_state("done")
    reader.page.reload()
    expect(reader.message).to_have_value("")
    assert contents() == ["Half a thought, now whole"]


def test_a_draft_in_a_conversation_stays_with_it(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Tides?")
    speaker.end("Twice a day.")
    reader.expect_state("done")
    pause_after_typing(reader, "And why")
    address = reader.page.url
    reader.open("/chat/new/")
    expect(reader.message).to_have_value("")
    reader.page.goto(address)
    expect(reader.message).to_have_value("And why")


def test_a_pause_while_a_message_is_on_its_way_brings_nothing_back(reader, speaker):
    reader.page.clock.install()
    reader.open("/chat/new/")
    reader.ask("Tides?")
    speaker.end("Twice a day.")
    reader.expect_state("done")
    reader.wait_for_htmx()
    reader.page.clock.pause_at(time.time() + 10)  # Later than now; no draft is kept by itself.
    sent, drafts = [], []
    reader.page.route("**/send/", lambda route: sent.append(route))
    reader.page.on("request", lambda each: "draft" in each.url and drafts.append(each))
    reader.type("Sent at once")
    reader.press("Enter")
    wait_until(lambda: reader.page.evaluate("true") and sent)
    reader.page.clock.run_for(1300)  # Longer than the pause after which a draft is kept.
    assert drafts == []
    reader.page.clock.resume()
    sent[0].continue_()
    expect(reader.question).to_contain_text("Sent at once")
    expect(reader.message).to_have_value("")
    speaker.end("Good.")
    reader.expect_state("done")
    reader.page.reload()
    expect(reader.message).to_have_value("")


def test_a_draft_that_cannot_be_kept_says_nothing(reader, watch):
    """The text is in the page, and Send leads through the log-in with it."""
    watch.expect("401")
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.wait_for_htmx()
    reader.page.context.clear_cookies(name="sessionid")
    with reader.page.expect_response("**/draft/") as kept:
        reader.type("Typed for an hour")
    assert kept.value.status == 401
    expect(reader.message).to_have_value("Typed for an hour")
    expect(reader.page.locator("#alerts")).to_be_empty()
