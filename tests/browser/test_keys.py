"""What Enter does in the composer, with and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.live_server import wait_until

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


def choose_new_line(reader):
    """Choose in the profile that Enter makes a new line."""
    reader.open("/users/profile/")
    reader.tab_to("radio", "Sends the message")
    reader.press("ArrowDown")
    expect(reader.control("radio", "Makes a new line")).to_be_checked()
    reader.use("button", "Save")
    expect(reader.page.get_by_text("Your profile is saved.")).to_be_visible()


@with_scripts
@pytest.mark.row("O-055")
def test_enter_pressed_twice_sends_one_message(reader, speaker, contents):
    posts = []

    def hold_posts(route):
        if route.request.method == "POST":
            posts.append(route)
        else:
            route.continue_()

    # Before the page is loaded: a route that is set on a loading page may miss a request.
    reader.page.route("**/chat/new/", hold_posts)
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.type("Only once")
    reader.wait_for_htmx()
    reader.press("Enter", "Enter")
    wait_until(lambda: reader.page.evaluate("true") and posts)
    reader.press("Enter")
    reader.page.evaluate("new Promise(resolve => setTimeout(resolve))")
    for post in posts:
        post.continue_()
    speaker.end("Yes.")
    reader.expect_state("done")
    expect(reader.questions).to_have_count(1)
    assert contents() == ["Only once"]


@with_scripts
def test_shift_and_enter_make_a_new_line(reader, speaker, contents):
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.type("One line,")
    reader.press("Shift+Enter")
    reader.type("two lines")
    expect(reader.message).to_have_value("One line,\ntwo lines")
    reader.send()
    speaker.end("Seen.")
    reader.expect_state("done")
    assert contents() == ["One line,\ntwo lines"]


def test_enter_makes_a_new_line_for_whoever_prefers_that(reader, speaker, contents):
    choose_new_line(reader)
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.type("One line,")
    reader.press("Enter")
    reader.type("two lines")
    expect(reader.message).to_have_value("One line,\ntwo lines")
    if reader.scripts:
        reader.wait_for_htmx()
        reader.press("Control+Enter")
    else:
        reader.send()
    speaker.end("Seen.")
    reader.expect_state("done")
    assert contents() == ["One line,\ntwo lines"]


@with_scripts
def test_enter_that_ends_a_composition_does_not_send(reader, speaker, contents):
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.wait_for_htmx()
    keys = reader.page.context.new_cdp_session(reader.page)
    for code in (13, 229):  # Browsers differ in the code that the key has meanwhile.
        keys.send(
            "Input.imeSetComposition", {"text": "かんじ", "selectionStart": 3, "selectionEnd": 3}
        )
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code}
        keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
        keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
        keys.send("Input.insertText", {"text": "漢字"})
    expect(reader.message).to_have_value("漢字漢字")
    reader.press("Enter")
    speaker.end("はい。")
    reader.expect_state("done")
    assert contents() == ["漢字漢字"]
