import os
import shutil
from itertools import count

import pytest
from playwright.sync_api import expect, sync_playwright

from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.faults.acts import Fault
from tests.browser.keyboard import Keyboard
from tests.browser.people import PASSWORD, make_person
from tests.browser.speaker import FAULT, Speaker
from tests.browser.watch import Watch
from tests.live_server import PATIENCE

# What Chromium does by itself is switched off: every request is the page's, every scroll at once.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-smooth-scrolling",
]
WITHOUT_SCRIPTS = "--blink-settings=scriptEnabled=false"

expect.set_options(timeout=PATIENCE * 1000 / 4)
numbers = count(1)


def pytest_terminal_summary(terminalreporter):
    """Name the tests that failed, and passed when they were run once more: faults to mend."""
    named = {
        outcome: {report.nodeid for report in terminalreporter.getreports(outcome)}
        for outcome in ("rerun", "passed", "failed", "error")
    }
    flaky = named["rerun"] & named["passed"] - named["failed"] - named["error"]
    for nodeid in sorted(flaky):
        terminalreporter.write_line(f"FLAKY {nodeid}", yellow=True)


@pytest.fixture(scope="session")
def shared_server(shared_server):
    """The server that all share; its model is quick, and a test that waits for words says them."""
    shared_server.demo.pace = 0.001
    return shared_server


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


def launch(playwright, *arguments, ignored=()):
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert chromium, "The browser tests need Chromium: apt install chromium"
    return playwright.chromium.launch(
        executable_path=chromium,
        args=[*ARGUMENTS, *arguments],
        ignore_default_args=list(ignored),
    )


@pytest.fixture(scope="session")
def browser_with_scripts(playwright):
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser_without_scripts(playwright):
    browser = launch(playwright, WITHOUT_SCRIPTS)
    yield browser
    browser.close()


@pytest.fixture(params=[True, False], ids=["scripts", "no_scripts"])
def scripts(request):
    """Tell whether the browser runs scripts; a test that says nothing runs with and without."""
    return request.param


@pytest.fixture
def watch(shared_server):
    """Note whatever goes wrong in the browser; it fails the test in which it happens."""
    watch = Watch(shared_server.url)
    yield watch
    assert watch.surprises() == []


@pytest.fixture
def demo(shared_server):
    """The demo model of the server, as well-behaved as it was at the start."""
    demo = shared_server.demo
    pace = demo.pace
    demo.clear()
    yield demo
    demo.fault, demo.pace = None, pace


@pytest.fixture
def speaker(demo, monkeypatch):
    """The model of the server, saying what the test says."""
    speaker = Speaker(demo)
    fault = Fault("says what a test says", speaker.answer)
    monkeypatch.setitem(FAULTS, FAULT, fault)
    demo.fault = FAULT
    return speaker


@pytest.fixture
def open_context(request, shared_server, watch, scripts):
    """Return a function that opens a browser context, watched; all are closed in the end."""
    contexts = []

    def open_context(person=None, scripts=scripts, **options):
        name = "browser_with_scripts" if scripts else "browser_without_scripts"
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        browser = request.getfixturevalue(name)
        context = browser.new_context(reduced_motion="reduce", locale="en-GB", **options)
        contexts.append(context)
        watch.follow(context, scripts)
        if person:
            cookies = [(cookie.name, cookie.value) for cookie in person.cookies]
            url = shared_server.url
            context.add_cookies([{"name": n, "value": v, "url": url} for n, v in cookies])
        return context

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def person(shared_server):
    """Somebody new, logged in."""
    name = f"person-{next(numbers)}"
    person = make_person(shared_server, name)
    person.name, person.password = name, PASSWORD
    return person


@pytest.fixture
def contents(shared_server, person):
    """Return a function that reads the rows of the person's own messages."""

    def contents():
        rows = shared_server.query(
            "SELECT message.content FROM chat_message message"
            " JOIN chat_conversation conversation ON conversation.id = message.conversation_id"
            " JOIN users_user person ON person.id = conversation.user_id"
            " WHERE person.username = ? AND message.role = 'user' ORDER BY message.id",
            person.name,
        )
        return [content for (content,) in rows]

    return contents


@pytest.fixture
def visitor(shared_server, open_context, scripts):
    """A page of somebody who has not logged in."""
    return Keyboard(open_context().new_page(), shared_server.url, scripts)


@pytest.fixture
def reader(shared_server, open_context, scripts, person):
    """A page of somebody who has logged in."""
    return Keyboard(open_context(person).new_page(), shared_server.url, scripts)
