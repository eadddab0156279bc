"""The debug toolbar, as whoever develops Parlor sees it with DEBUG=true."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.live_server import ParlorServer


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """A server that shows the toolbar."""
    with ParlorServer(tmp_path_factory.mktemp("debug"), pace=0.005, DEBUG="true") as server:
        yield server


@pytest.fixture
def scripts():
    return True  # The toolbar is made of scripts.


@pytest.fixture
def watch(shared_server, watch):
    watch.expect("a script that is not htmx's: .*/static/debug_toolbar/")
    return watch


def test_panels_open_and_the_history_has_what_htmx_fetched(reader: Keyboard):
    reader.open("/chat/new/")
    toolbar = reader.page.locator("#djDebug")
    toolbar.locator("#djdt-SQLPanel a").click()
    expect(toolbar.locator("#SQLPanel tbody").first).to_contain_text("SELECT")
    toolbar.locator("#SQLPanel .djDebugClose").click()
    reader.ask("Hello.")
    reader.expect_state("done")  # Each answer to htmx makes the toolbar anew.
    toolbar.locator("#djdt-HistoryPanel a").click()
    asked = toolbar.locator("#djdtHistoryRequests tr").filter(has_text="/chat/new/")
    expect(asked.filter(has_text="POST")).not_to_have_count(0)


def test_the_toolbar_is_on_every_page(reader: Keyboard):
    for path in ("/", "/chat/", "/gallery/", "/users/profile/"):
        reader.open(path)
        reader.page.locator("#djdt-SQLPanel a").wait_for()
