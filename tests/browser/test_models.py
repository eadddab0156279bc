"""A model among thousands: found and chosen by keyboard, with and without scripts."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.live_server import ParlorServer, wait_until

NAME = "vendor-45/model-2345"


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """A server whose service lists 3,000 models; it stands in for the one that all share."""
    settings = {"CHAT_MODELS": "", "CHAT_DEFAULT_MODEL": "parlor-demo"}
    server = ParlorServer(tmp_path_factory.mktemp("models"), pace=0.001, **settings)
    server.demo.fault = "models-3000"
    with server:
        wait_until(lambda: server.query("SELECT listed_at FROM catalog_listing")[0][0])
        yield server


@pytest.mark.row("O-125")
def test_a_model_is_found_for_a_new_chat_and_what_was_typed_stays(reader, scripts):
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.type("Half a sentence")
    find(reader, scripts, "button", "All models")
    expect(reader.control("combobox", "Model")).to_have_value(NAME)
    expect(reader.message).to_have_value("Half a sentence")
    reader.tab_to("textbox", "Message", "Shift+Tab")
    reader.send()
    await_reply(reader, scripts)
    expect(reader.reply.get_by_text(NAME, exact=True)).to_be_visible()


@pytest.mark.row("O-125")
def test_a_reply_is_written_again_by_a_model_that_was_found(reader, scripts):
    reader.open("/chat/new/")
    reader.ask("Hello")
    await_reply(reader, scripts)
    reader.open_menu("With another model", reader.reply, "Shift+Tab")
    find(reader, scripts, None, None)
    await_reply(reader, scripts)
    expect(reader.reply.get_by_text(NAME, exact=True).last).to_be_visible()
    reader.expect_words("2 of 2")
    expect(reader.control("combobox", "Model")).to_have_value("parlor-demo")


@pytest.mark.row("O-125")
def test_a_model_is_found_in_the_preferences(reader, scripts):
    reader.open("/chat/preferences/")
    field = reader.tab_to("searchbox", "Find a model")
    reader.type("model 2345")
    picker = reader.control("combobox", "Model of new chats")
    if not scripts:
        reader.go("button", "Find")
    expect(picker.get_by_role("option", name=NAME, exact=True)).to_be_attached()
    reader.tab_to("combobox", "Model of new chats", "Shift+Tab" if scripts else "Tab")
    reader.press("ArrowDown")
    expect(picker).to_have_value(NAME)
    reader.go("button", "Save")
    expect(picker).to_have_value(NAME)
    expect(field).to_have_value("")


def await_reply(reader, scripts):
    """Wait for the end of the reply; the page that grew without scripts is left for a whole one."""
    if not scripts:
        done = reader.replies.and_(reader.page.locator("[data-state=done]"))
        expect(done.last).to_be_attached()
        reader.open(urlsplit(reader.page.url).path.removesuffix("follow/"))
    reader.expect_state("done")


def find(reader, scripts, role, name):
    """Open the search with the control, if it is not open, find the model and choose it."""
    if name and scripts:
        reader.use(role, name)
        expect(reader.control("searchbox", "Find a model")).to_be_focused()
    elif name:
        reader.go(role, name)
    if not (name and scripts):
        reader.tab_to("searchbox", "Find a model")
    reader.type("model 2345")
    if not scripts:
        with reader.leaving():
            reader.press("Enter")
    expect(reader.control("button", NAME)).to_be_attached()
    if scripts:
        reader.use("button", NAME)
    else:
        reader.go("button", NAME)
