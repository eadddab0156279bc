"""What steers the model, by keyboard: the picker, the menus, prompts, options."""

import re

import pytest
from playwright.sync_api import expect


def asked(speaker):
    return speaker.demo.requests[-1]["model"]


def choose(reader, name, key="Tab"):
    """Choose in the picker with the arrows: letters count only if they come quickly."""
    picker = reader.tab_to("combobox", "Model", key)
    expect(reader.control("option", name)).to_be_attached()
    names = picker.get_by_role("option").all_text_contents()
    reader.press("Home", *["ArrowDown"] * names.index(name))
    expect(picker).to_have_value(name)


def test_a_chosen_model_answers_and_stays_chosen(reader, speaker):
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    choose(reader, "parlor-demo-mini")
    reader.tab_to("textbox", "Message", "Shift+Tab")
    reader.ask("Who are you?")
    speaker.end("A small one.")
    reader.expect_state("done")
    assert asked(speaker) == "parlor-demo-mini"
    expect(reader.reply.get_by_text("parlor-demo-mini", exact=True)).to_be_visible()
    expect(reader.control("combobox", "Model")).to_have_value("parlor-demo-mini")
    reader.ask("And now?")
    speaker.end("Still a small one.")
    reader.expect_words("Still a small one.")
    assert asked(speaker) == "parlor-demo-mini"


def test_a_reply_is_written_again_by_another_model(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Who are you?")
    speaker.end("The usual one.")
    reader.expect_state("done")
    reader.type("My next question")
    reader.open_menu("With another model", reader.reply, "Shift+Tab")
    reader.use("button", "parlor-demo-thinking")
    speaker.say("The thoughtful")
    reader.expect_words("The thoughtful")
    speaker.end(" one.")
    reader.expect_state("done")
    assert asked(speaker) == "parlor-demo-thinking"
    reader.expect_words("2 of 2")
    expect(reader.focused).to_be_visible()
    expect(reader.message).to_have_value("My next question")
    expect(reader.control("combobox", "Model")).to_have_value("parlor-demo")


@pytest.mark.row("O-003")
def test_a_model_that_is_gone_is_replaced(reader, demo):
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    choose(reader, "gpt-gone")
    reader.tab_to("textbox", "Message", "Shift+Tab")
    reader.ask("Hello?")
    expect(reader.reply).to_have_attribute("data-error", "model")
    reader.expect_words("“gpt-gone” is not available")
    reader.open_menu("Choose model", key="Shift+Tab")
    reader.use("button", "parlor-demo")
    reader.expect_state("done")
    reader.expect_words("Parlor's demo model")
    expect(reader.control("combobox", "Model")).to_have_value("parlor-demo")


def test_a_saved_prompt_is_put_below_what_is_typed(reader, speaker):
    reader.open("/chat/prompts/")
    reader.fill("Name", "Pirate")
    reader.fill("Text", "Speak like a pirate.")
    reader.use("button", "Save")
    expect(reader.control("heading", "Pirate")).to_be_visible()
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.type("Hello!")
    for typed, said in (("Hello!", "Arr!"), ("And on!", "Aye!")):
        choose(reader, "parlor-demo-mini")
        reader.open_menu("Prompts")
        reader.use("button", "Pirate")
        expect(reader.message).to_have_value(f"{typed}\n\nSpeak like a pirate.")
        expect(reader.message).to_be_focused()
        expect(reader.control("combobox", "Model")).to_have_value("parlor-demo-mini")
        reader.send()
        speaker.end(said)
        reader.expect_words(said)
        reader.expect_state("done")
        expect(reader.message).to_be_focused()
        reader.type("And on!")
    assert asked(speaker) == "parlor-demo-mini"


def test_options_steer_the_conversation(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Hello!")
    speaker.end("Hello.")
    reader.expect_state("done")
    reader.open_actions()
    reader.use("link", "Options")
    expect(reader.control("heading", "Options")).to_be_visible()
    reader.tab_to("spinbutton", "Temperature")
    reader.type("0.5")
    reader.fill("System prompt", "Speak like a pirate.")
    reader.use("button", "Save")
    expect(reader.alert.filter(has_text="The options are saved.")).to_be_visible()
    expect(reader.page.get_by_text("From this conversation")).to_be_visible()
    reader.use("link", "Hello!")
    reader.ask("And now?")
    speaker.end("Arr!")
    reader.expect_words("Arr!")
    body = speaker.demo.requests[-1]["body"]
    assert body["temperature"] == 0.5
    assert body["messages"][0]["content"] == "Speak like a pirate."
    expect(reader.page).to_have_url(re.compile(r"/chat/\d+/(follow/)?$"))
