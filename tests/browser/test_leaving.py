"""A reply goes on whoever looks: after a reload, in a second tab, over a bad network."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard

WORDS = [f"w{number}" for number in range(1, 31)]
FIRST, SECOND, THIRD = (" ".join(WORDS[start : start + 10]) + " " for start in (0, 10, 20))
with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


def words_of(reader):
    return re.findall(r"\bw\d+\b", reader.reply.inner_text())


def begin(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Thirty words, please.")
    speaker.say(FIRST)
    reader.expect_words("w10")


def expect_all_words(reader):
    """See that the reply has ended with each word once."""
    reader.expect_state("done")
    reader.expect_words("w30")
    assert words_of(reader) == WORDS
    expect(reader.replies).to_have_count(1)
    expect(reader.questions).to_have_count(1)


@pytest.mark.row("O-056")
def test_a_reply_goes_on_after_a_reload(reader, speaker):
    begin(reader, speaker)
    reader.page.reload(wait_until="commit")
    reader.expect_words("w10")
    speaker.say(SECOND)
    reader.expect_words("w20")
    assert words_of(reader) == WORDS[:20]
    speaker.end(THIRD)
    expect_all_words(reader)


def test_a_link_leads_from_the_plain_page_to_the_growing_one(reader, speaker):
    begin(reader, speaker)
    address = re.sub(r"follow/$", "", reader.page.url)
    reader.page.goto(address, wait_until="commit")
    reader.expect_words("w10")
    link = reader.control("link", "Show the reply while it is written")
    if reader.scripts:
        expect(link).to_be_hidden()
    else:
        reader.use("link", "Show the reply while it is written")
    speaker.say(SECOND)
    reader.expect_words("w20")
    speaker.end(THIRD)
    expect_all_words(reader)


@pytest.mark.row("O-058")
def test_a_second_tab_grows_too(reader, speaker):
    begin(reader, speaker)
    second = Keyboard(reader.page.context.new_page(), reader.url, reader.scripts)
    second.page.goto(reader.page.url, wait_until="commit")
    second.expect_words("w10")
    speaker.say(SECOND)
    for tab in (reader, second):
        tab.page.bring_to_front()  # htmx lets a tab in the background wait.
        tab.expect_words("w20")
        assert words_of(tab) == WORDS[:20]
    speaker.end(THIRD)
    for tab in (reader, second):
        tab.page.bring_to_front()
        expect_all_words(tab)


@pytest.mark.row("O-060")
def test_a_reply_is_written_to_its_end_when_nobody_looks(reader, speaker):
    begin(reader, speaker)
    address, context = reader.page.url, reader.page.context
    reader.page.close()
    speaker.say(SECOND)
    speaker.end(THIRD)
    later = Keyboard(context.new_page(), reader.url, reader.scripts)
    later.page.goto(address, wait_until="commit")
    expect_all_words(later)


def test_a_reply_reads_the_same_however_it_came(reader, speaker, open_context, person, scripts):
    other = Keyboard(open_context(person, scripts=not scripts).new_page(), reader.url, not scripts)
    reader.open("/chat/new/")
    reader.ask("Show me what you can.")
    speaker.say("Some *words*, ")
    reader.expect_words("Some *words*,")
    other.page.goto(reader.page.url, wait_until="commit")
    if not other.scripts and not other.page.url.endswith("/follow/"):
        other.use("link", "Show the reply while it is written")
    for piece in (
        "`code` and <b>no markup</b>.\n\n| a | b |\n| - | - |\n| 1 | ",
        "2 |\n\n```python\nif a < b:\n    print('&amp;')\n",
        "```\n\n1. one\n2. two\n   - deep\n\n> quoted **well",
        "**\n\n$$x^2$$ and $y$, [a link](https://example.org/)\n\n## The",
        " end",
    ):
        speaker.say(piece)
    speaker.end(".")
    for page in (reader, other):
        page.expect_state("done")
        page.expect_words("The end.")
        page.page.wait_for_load_state()  # With its styles.
    live = [page.reply.inner_text() for page in (reader, other)]
    reader.page.reload()
    assert live == [reader.reply.inner_text()] * 2


def send_after_the_session(reader, person):
    """Type while the session ends, send, and log in again."""
    reader.tab_to("textbox", "Message")
    reader.type("Typed for an hour")
    reader.page.context.clear_cookies(name="sessionid")
    reader.send()
    reader.fill("Username", person.name)
    reader.fill("Password", person.password)
    reader.press("Enter")


@pytest.mark.row("O-070")
def test_the_text_outlives_a_session_that_ends_while_it_is_typed(reader, speaker, person, watch):
    watch.expect("401")
    reader.open("/chat/new/")
    send_after_the_session(reader, person)
    expect(reader.message).to_have_value("Typed for an hour")
    reader.tab_to("textbox", "Message")
    reader.send()
    expect(reader.question).to_contain_text("Typed for an hour")
    speaker.end("Welcome back.")
    reader.expect_state("done")


@pytest.mark.row("O-070")
def test_the_text_outlives_the_session_in_a_conversation_too(reader, speaker, person, watch):
    watch.expect("401")
    reader.open("/chat/new/")
    reader.ask("The first")
    speaker.end("One.")
    reader.expect_state("done")
    send_after_the_session(reader, person)
    expect(reader.question).to_contain_text("The first")
    expect(reader.message).to_have_value("Typed for an hour")


def log_in(reader, person):
    reader.fill("Username", person.name)
    reader.fill("Password", person.password)
    with reader.leaving():
        reader.press("Enter")


@pytest.mark.row("O-128")
def test_a_form_outlives_its_session_and_the_way_back(reader, person):
    reader.open("/chat/prompts/")
    reader.fill("Name", "Pirate")
    reader.fill("Text", "Typed for an hour")
    reader.page.context.clear_cookies(name="sessionid")
    reader.go("button", "Save")
    log_in(reader, person)
    expect(reader.control("textbox", "Text")).to_have_value("Typed for an hour")
    reader.open("/chat/usage/")
    reader.go_back()
    expect(reader.control("textbox", "Name")).to_have_value("Pirate")
    expect(reader.control("textbox", "Text")).to_have_value("Typed for an hour")
    reader.go("button", "Save")
    expect(reader.control("heading", "Pirate")).to_be_visible()
    expect(reader.control("textbox", "Text")).to_have_value("")


@pytest.mark.row("O-070")
def test_a_message_outlives_its_session_and_the_way_back(reader, speaker, person, watch):
    watch.expect("401")
    reader.open("/chat/new/")
    send_after_the_session(reader, person)
    expect(reader.message).to_have_value("Typed for an hour")
    reader.open("/chat/usage/")
    reader.go_back()
    expect(reader.message).to_have_value("Typed for an hour")
