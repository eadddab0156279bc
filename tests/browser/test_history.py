"""Back, Forward and reload: the page is always that of its address, at the place it was left."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import launch
from tests.browser.keyboard import Keyboard
from tests.browser.test_finding import long_conversation, message  # noqa: F401
from tests.live_server import wait_until

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])
without_scripts = pytest.mark.parametrize("scripts", [False], ids=["no_scripts"])
sizes = pytest.mark.parametrize("width", [360, 1280])

NEW = re.compile("/chat/new/$")
CONVERSATION = re.compile(r"/chat/\d+/(follow/)?$")
AT_END = "Math.round(document.documentElement.scrollHeight - innerHeight - scrollY)"


def begin(reader, speaker, text="Hello?"):
    reader.open("/chat/new/")
    reader.ask(text)
    speaker.end("Good day.")
    reader.expect_state("done")


def expect_new_chat(reader):
    """See that this is the page of a new chat, as after a load."""
    expect(reader.page).to_have_url(NEW)
    expect(reader.page).to_have_title(re.compile("^New chat"))
    expect(reader.page.get_by_role("article")).to_have_count(0)
    expect(reader.message).to_have_value("")
    expect(reader.message).to_be_focused()


def expect_conversation(reader, *questions):
    expect(reader.page).to_have_url(CONVERSATION)
    expect(reader.questions).to_have_count(len(questions))
    for number, text in enumerate(questions):
        expect(reader.questions.nth(number)).to_contain_text(text)
    expect(reader.message).to_have_value("")


@pytest.mark.row("O-126")
def test_back_from_a_first_message_is_a_new_chat(reader, speaker, contents):
    begin(reader, speaker)
    reader.go_back()
    expect_new_chat(reader)
    reader.go_forward()
    expect_conversation(reader, "Hello?")
    reader.go_back()
    expect_new_chat(reader)
    reader.page.reload()
    expect_new_chat(reader)
    reader.ask("Something else")
    expect_conversation(reader, "Something else")
    speaker.end("Good evening.")
    reader.expect_state("done")
    assert contents() == ["Hello?", "Something else"]


@pytest.mark.row("O-126")
@with_scripts
def test_back_and_forward_while_a_reply_is_written(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Hello?")
    speaker.say("One. ")
    reader.expect_words("One.")
    reader.go_back()
    expect_new_chat(reader)
    speaker.say("Two. ")
    reader.go_forward()
    reader.expect_words("One. Two.")
    reader.page.reload()
    reader.expect_words("One. Two.")
    speaker.end("Three.")
    reader.expect_state("done")
    reader.expect_words("One. Two. Three.")
    expect_conversation(reader, "Hello?")


@pytest.mark.row("O-126")
@with_scripts
def test_back_goes_by_pages_whatever_was_swapped_in_them(reader, speaker):
    begin(reader, speaker, "First")
    reader.ask("Second")
    speaker.end("Yes.")
    reader.expect_state("done")
    reader.use("button", "Regenerate")
    speaker.end("No.")
    reader.expect_words("No.")
    reader.expect_state("done")
    reader.use("button", "Previous version")
    reader.expect_words("Yes.")
    address = reader.page.url
    reader.open("/gallery/")
    reader.go_back()
    expect(reader.page).to_have_url(address)
    expect_conversation(reader, "First", "Second")
    reader.expect_words("Yes.")
    reader.go_back()
    expect_new_chat(reader)
    reader.go_forward()
    reader.go_forward()
    expect(reader.page).to_have_url(re.compile("/gallery/$"))
    reader.page.evaluate("history.go(-2)")
    expect_new_chat(reader)


@pytest.mark.row("O-126")
@with_scripts
def test_an_edited_question_is_there_after_back(reader, speaker):
    begin(reader, speaker, "Frist")
    reader.use("button", "Edit")
    editor = reader.control("textbox", "Edited message")
    expect(editor).to_be_focused()
    reader.press("ControlOrMeta+A")
    reader.type("First")
    reader.wait_for_htmx(editor)
    reader.press("Enter")
    expect(reader.question).to_contain_text("First")
    speaker.end("Hello, First.")
    reader.expect_words("Hello, First.")
    reader.expect_state("done")
    reader.page.reload()
    expect_conversation(reader, "First")
    reader.go_back()
    expect_new_chat(reader)
    reader.go_forward()
    expect_conversation(reader, "First")
    reader.expect_words("Hello, First.")


@pytest.mark.row("O-126")
@with_scripts
def test_a_search_is_there_after_back(reader, speaker):
    begin(reader, speaker, "The moon")
    reader.open("/chat/search/")
    reader.type("moon")
    expect(reader.page).to_have_url(re.compile("q=moon"))
    reader.go("link", "The moon")
    expect(reader.question).to_contain_text("The moon")
    reader.go_back()
    expect(reader.page).to_have_url(re.compile("q=moon"))
    expect(reader.page.locator("mark").first).to_have_text("moon")
    expect(reader.control("searchbox", "Search")).to_have_value("moon")


@pytest.mark.row("O-126")
@with_scripts
def test_a_draft_is_there_after_back(reader, speaker):
    begin(reader, speaker)
    with reader.page.expect_response(re.compile("/draft/$")):
        reader.type("Half a thought")
    reader.page.goto(f"{reader.url}/gallery/")
    reader.go_back()
    expect(reader.message).to_have_value("Half a thought")
    reader.go_back()
    expect_new_chat(reader)


@pytest.mark.row("O-126")
@without_scripts
def test_what_was_typed_after_a_reply_is_there_after_back(reader, speaker):
    begin(reader, speaker)
    reader.fill("Message", "Half a thought")
    reader.page.goto(f"{reader.url}/gallery/")
    reader.go_back()
    expect(reader.message).to_have_value("Half a thought")


@pytest.fixture
def tall(long_conversation, shared_server):  # noqa: F811
    """A long conversation whose messages have several lines."""
    pk = long_conversation.split("/")[2]
    lines = " More words." * 20
    shared_server.query(
        "UPDATE chat_message SET content = content || ? WHERE conversation_id = ?", lines, pk
    )
    return long_conversation


def go_to(reader, number):
    """Scroll to the message; return where its top is seen."""
    message(reader, number).evaluate("element => element.scrollIntoView({block: 'center'})")
    return top(reader, number)


def top(reader, number):
    return round(message(reader, number).bounding_box()["y"])


def expect_place(reader, number, place):
    wait_until(
        lambda: abs(top(reader, number) - place) <= 2,
        lambda: f"message {number} is at {top(reader, number)}, not at {place}",
    )


@pytest.mark.row("O-126")
@sizes
def test_the_place_in_a_long_conversation_is_kept(reader, tall, width):
    reader.page.set_viewport_size({"width": width, "height": 640})
    reader.open(tall)
    expect(message(reader, 129)).to_be_in_viewport()
    assert reader.page.evaluate(AT_END) == 0
    place = go_to(reader, 100)
    reader.page.reload()
    expect_place(reader, 100, place)
    reader.open("/gallery/")
    reader.go_back()
    expect_place(reader, 100, place)
    reader.go_forward()
    reader.go_back()
    expect_place(reader, 100, place)


@pytest.mark.row("O-126")
@with_scripts
@sizes
def test_the_place_among_earlier_messages_is_kept(reader, tall, width):
    reader.page.set_viewport_size({"width": width, "height": 640})
    reader.open(tall)
    reader.use("link", "Earlier messages")
    expect(message(reader, 30)).to_be_attached()
    expect(reader.page).to_have_url(re.compile(r"\?from=\d+$"))
    place = go_to(reader, 40)
    reader.page.reload()
    expect_place(reader, 40, place)
    expect(message(reader, 129)).to_be_attached()
    reader.open("/chat/new/")
    reader.go_back()
    expect_place(reader, 40, place)


@pytest.mark.row("O-126")
@sizes
def test_the_place_is_kept_though_the_conversation_has_grown(reader, tall, speaker, width):
    reader.page.set_viewport_size({"width": width, "height": 640})
    reader.open(tall)
    for question in ["One more", "And another"]:
        reader.ask(question)
        speaker.end("Certainly.")
        reader.expect_state("done")
        place = go_to(reader, 100)
        reader.page.reload()
        expect_place(reader, 100, place)
        reader.open("/gallery/")
        reader.go_back()
        expect_place(reader, 100, place)


@pytest.mark.row("O-126")
@with_scripts
def test_the_place_is_kept_whatever_was_changed_below_it(reader, tall, speaker):
    reader.open(tall)
    reader.use("button", "Regenerate")
    speaker.end("Once again.")
    reader.expect_words("Once again.")
    reader.expect_state("done")
    reader.use("button", "Previous version")
    reader.expect_words("Message number 129.")
    reader.ask("One more")
    speaker.end("Certainly.")
    reader.expect_state("done")
    message(reader, 128).get_by_role("button", name="Edit", exact=True).press("Enter")
    expect(reader.control("textbox", "Edited message")).to_be_focused()
    reader.press("ControlOrMeta+A")
    reader.type("Something else")
    reader.press("Enter")
    speaker.end("Something else it is.")
    reader.expect_words("Something else it is.")
    reader.expect_state("done")
    place = go_to(reader, 100)
    reader.page.reload()
    expect_place(reader, 100, place)
    reader.use("button", "Previous version")
    expect(message(reader, 128)).to_be_attached()
    expect(reader.questions.last).to_contain_text("One more")
    place = go_to(reader, 100)
    reader.page.reload()
    expect_place(reader, 100, place)


@pytest.mark.row("O-126")
def test_the_browsers_own_cache_of_pages_gives_no_page_of_another_address(
    playwright, person, shared_server, speaker, watch
):
    """Keep pages as browsers do at home; Playwright tells Chromium not to."""
    browser = launch(playwright, ignored=["--disable-back-forward-cache"])
    try:
        context = browser.new_context(locale="en-GB", reduced_motion="reduce")
        watch.follow(context, scripts=True)
        cookies = [(cookie.name, cookie.value) for cookie in person.cookies]
        context.add_cookies([{"name": n, "value": v, "url": shared_server.url} for n, v in cookies])
        reader = Keyboard(context.new_page(), shared_server.url, scripts=True)
        begin(reader, speaker)
        reader.go_back()
        expect_new_chat(reader)
        reader.go_forward()
        expect_conversation(reader, "Hello?")
        reader.open("/gallery/")
        reader.go_back()
        reader.ask("And now?")
        speaker.end("Now.")
        reader.expect_state("done")
        expect_conversation(reader, "Hello?", "And now?")
    finally:
        browser.close()


@pytest.mark.row("O-126")
def test_back_from_a_picture_is_the_gallery_as_it_is_now(reader, demo):
    reader.open("/gallery/?make=create")
    reader.fill("What should it show?", "Two foxes")
    reader.use("button", "Make the picture")
    expect(reader.page.locator("#picture")).to_have_attribute("data-state", "done")
    reader.go("link", "Gallery")
    reader.go("link", "Two foxes")
    reader.go_back()
    expect(reader.page).to_have_url(re.compile("/gallery/$"))
    mark = reader.page.get_by_role("button", name="Favourite: “Two foxes”")
    reader.use("button", "Favourite: “Two foxes”")
    expect(mark).to_have_attribute("aria-pressed", "true")
    reader.go("link", "Two foxes")
    reader.go_back()
    expect(mark).to_have_attribute("aria-pressed", "true")
    reader.go_forward()
    expect(reader.page).to_have_url(re.compile(r"/gallery/\d+/$"))
    expect(reader.page.locator("#picture")).to_have_attribute("data-state", "done")


@pytest.mark.row("O-126")
@with_scripts
def test_back_from_the_options_is_the_conversation_as_it_is_now(reader, speaker):
    begin(reader, speaker)
    reader.open_actions()
    reader.use("button", "Pin")
    expect(reader.control("button", "Unpin")).to_be_visible()
    reader.go("link", "Options")
    reader.go_back()
    expect_conversation(reader, "Hello?")
    reader.open_actions()
    expect(reader.control("button", "Unpin")).to_be_visible()
    reader.go_forward()
    expect(reader.page).to_have_url(re.compile(r"/chat/\d+/options/$"))
