"""The network goes and comes back, or the tab sleeps; the reply is whole all the same."""

import pytest
from playwright.sync_api import expect

from tests.browser.cable import Cable
from tests.browser.keyboard import Keyboard
from tests.browser.test_leaving import (
    SECOND,
    THIRD,
    WORDS,
    begin,
    expect_all_words,
    words_of,
)

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


@pytest.fixture
def cable(shared_server):
    with Cable(shared_server.port) as cable:
        yield cable


@pytest.fixture
def reader(cable, open_context, person, scripts, watch):
    """A page of somebody whose network can be cut."""
    watch.host = cable.url.removeprefix("http://")
    return Keyboard(open_context(person).new_page(), cable.url, scripts)


def cut(reader, cable, watch):
    watch.expect("net::ERR_", "^error: .*([Nn]etwork|Failed to fetch)", "^failed: ")
    cable.cut()


def look_again(reader):
    """A page with scripts looks by itself; without, its reader reloads it."""
    if not reader.scripts:
        reader.page.reload(wait_until="commit")


@pytest.mark.row("O-061")
def test_a_reply_goes_on_when_the_network_is_back(reader, speaker, cable, watch):
    begin(reader, speaker)
    cut(reader, cable, watch)
    speaker.say(SECOND)
    assert words_of(reader) == WORDS[:10]
    cable.mend()
    look_again(reader)
    reader.expect_words("w20")
    assert words_of(reader) == WORDS[:20]
    speaker.end(THIRD)
    expect_all_words(reader)


@pytest.mark.row("O-061")
def test_a_reply_that_ended_meanwhile_is_whole_when_the_network_is_back(
    reader, speaker, cable, watch
):
    begin(reader, speaker)
    cut(reader, cable, watch)
    speaker.say(SECOND)
    speaker.end(THIRD)
    cable.mend()
    look_again(reader)
    expect_all_words(reader)
    if reader.scripts:
        reader.expect_focus_on("textbox", "Message")


@with_scripts
@pytest.mark.row("O-061")
def test_the_network_can_go_again_and_again(reader, speaker, cable, watch):
    begin(reader, speaker)
    for count in range(10, 30, 5):
        cut(reader, cable, watch)
        speaker.say(" ".join(WORDS[count : count + 5]) + " ")
        cable.mend()
        reader.expect_words(WORDS[count + 4])
        assert words_of(reader) == WORDS[: count + 5]
    speaker.end()
    expect_all_words(reader)


@with_scripts
def test_what_could_not_be_sent_stays_in_the_composer(reader, speaker, cable, watch):
    reader.open("/chat/new/")
    reader.ask("The first")
    speaker.end("One.")
    reader.expect_state("done")
    reader.tab_to("textbox", "Message")
    reader.type("The second")
    cut(reader, cable, watch)
    with reader.page.expect_event("requestfailed", lambda each: each.url.endswith("/send/")):
        reader.send()
    expect(reader.message).to_have_value("The second")
    expect(reader.message).to_be_enabled()
    cable.mend()
    reader.tab_to("textbox", "Message")
    reader.send()
    expect(reader.question).to_contain_text("The second")
    speaker.end("Two.")
    reader.expect_state("done")


@with_scripts
@pytest.mark.row("O-072")
def test_a_tab_in_the_background_lets_go_and_catches_up(reader, speaker):
    begin(reader, speaker)
    stream = "**/stream/**"
    with reader.page.expect_event("requestfailed", lambda each: "/stream/" in each.url):
        hide(reader.page, True)
    speaker.say(SECOND)
    assert words_of(reader) == WORDS[:10]
    with reader.page.expect_request(stream):
        hide(reader.page, False)
    reader.expect_words("w20")
    assert words_of(reader) == WORDS[:20]
    hide(reader.page, True)
    speaker.end(THIRD)
    hide(reader.page, False)
    expect_all_words(reader)


def hide(page, is_hidden):
    """Let the page believe that its tab is in the background, or back."""
    state = "hidden" if is_hidden else "visible"
    page.evaluate(
        """([isHidden, state]) => {
            Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
            Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        [is_hidden, state],
    )


@with_scripts
@pytest.mark.row("O-072")
def test_a_frozen_tab_catches_up(reader, speaker):
    begin(reader, speaker)
    devtools = reader.page.context.new_cdp_session(reader.page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    speaker.say(SECOND)
    speaker.end(THIRD)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    expect_all_words(reader)
