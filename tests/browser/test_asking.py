import re

import pytest
from playwright.sync_api import expect

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


def test_a_reply_grows_and_the_focus_stays_in_the_composer(reader, speaker):
    reader.open("/chat/")
    reader.use("link", "New chat")
    expect(reader.page).to_have_url(re.compile("/chat/new/$"))
    reader.ask("How do tides work?")
    lengths = []
    for words in ("Slowly. ", "Twice a day. ", "\n\nThe Moon pulls, ", "and the sea follows."):
        speaker.say(words)
        reader.expect_words(words.strip())
        lengths.append(len(reader.reply.inner_text()))
        reader.expect_focus_on("textbox", "Message")
    assert lengths == sorted(set(lengths))
    expect(reader.control("button", "Stop")).to_be_visible()
    speaker.end()
    reader.expect_state("done")
    reader.expect_focus_on("textbox", "Message")
    expect(reader.control("button", "Regenerate")).to_be_visible()
    expect(reader.control("button", "Stop")).to_be_hidden()
    expect(reader.question).to_contain_text("How do tides work?")
    expect(reader.questions).to_have_count(1)
    expect(reader.replies).to_have_count(1)
    expect(reader.message).to_have_value("")


def test_one_question_follows_another(reader, speaker):
    reader.open("/chat/new/")
    for number in (1, 2, 3):
        reader.ask(f"Question {number}")
        speaker.end(f"Answer {number}.")
        reader.expect_words(f"Answer {number}.")
        reader.expect_state("done")
        expect(reader.questions).to_have_count(number)
        expect(reader.replies).to_have_count(number)


@pytest.mark.row("O-059")
def test_a_second_message_is_refused_while_a_reply_is_written(reader, speaker, watch, contents):
    watch.expect("409")
    reader.open("/chat/new/")
    reader.ask("The first")
    speaker.say("One. ")
    reader.expect_words("One.")
    reader.type("The second")
    reader.send()
    expect(reader.alert.filter(has_text="Wait for the reply")).to_be_visible()
    expect(reader.message).to_have_value("The second")
    reader.expect_focus_on("textbox", "Message")
    speaker.end("Two.")
    if not reader.scripts:
        reader.use("link", "Show the reply while it is written")
    reader.expect_state("done")
    reader.expect_words("One. Two.")
    expect(reader.questions).to_have_count(1)
    assert contents() == ["The first"]


@with_scripts
def test_what_was_refused_can_be_sent_when_the_reply_has_ended(reader, speaker, watch, contents):
    watch.expect("409")
    reader.open("/chat/new/")
    reader.ask("The first")
    reader.type("The second")
    reader.send()
    expect(reader.alert.filter(has_text="Wait for the reply")).to_be_visible()
    speaker.end("One.")
    reader.expect_state("done")
    reader.expect_focus_on("textbox", "Message")
    reader.send()
    expect(reader.question).to_contain_text("The second")
    speaker.end("Two.")
    reader.expect_state("done")
    reader.expect_words("Two.")
    expect(reader.alert.filter(has_text="Wait for the reply")).to_be_hidden()
    assert contents() == ["The first", "The second"]


def test_a_message_of_a_hundred_thousand_characters_arrives_whole(reader, speaker, contents):
    text = ("Seven. " * 14_286)[:100_000].strip()
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.page.keyboard.insert_text(text)
    reader.send()
    speaker.end("That was long.")
    reader.expect_state("done")
    assert contents() == [text]
    assert reader.question.inner_text().count("Seven.") == text.count("Seven.")


@pytest.mark.row("O-046")
def test_a_message_that_is_too_long_stays_in_the_composer(reader, watch, contents):
    watch.expect("422")
    text = "Seven. " * 14_286
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.page.keyboard.insert_text(text)
    reader.send()
    expect(reader.alert.filter(has_text="too long by 2 characters")).to_be_visible()
    expect(reader.message).to_have_value(text)
    assert contents() == []


@pytest.mark.row("O-047")
def test_an_empty_message_is_not_sent(reader, watch, contents):
    watch.expect("422")
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.send()
    expect(reader.alert.filter(has_text="Type a message first.")).to_be_visible()
    reader.expect_focus_on("textbox", "Message")
    assert contents() == []
