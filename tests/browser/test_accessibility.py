"""axe-core's rules against every page, in light and dark, on a phone and on a desk."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import expect_no_violations
from tests.browser.keyboard import Keyboard

pytestmark = pytest.mark.parametrize("scripts", [True], ids=["scripts"])

MANY_THINGS = """\
# A heading

Some *words*, `code` and [a link](https://example.org/).

| a | b |
| - | - |
| 1 | 2 |

```python
def double(number):
    return number * 2  # A comment.
```

1. one
   - deep

> quoted

$$x^2$$

The end."""


@pytest.fixture
def reader(shared_server, open_context, person, scripts):
    """A page into which axe can be put, which the content policy would forbid."""
    page = open_context(person, bypass_csp=True).new_page()
    return Keyboard(page, shared_server.url, scripts)


@pytest.fixture
def visitor(shared_server, open_context, scripts):
    page = open_context(bypass_csp=True).new_page()
    return Keyboard(page, shared_server.url, scripts)


def ask(reader, speaker, text="Some of everything, please."):
    reader.open("/chat/new/")
    reader.ask(text)
    speaker.say(MANY_THINGS)
    reader.expect_words("The end.")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/users/login/",
        "/users/register/",
        "/users/password/reset/",
        "/users/password/reset/sent/",
        "/users/password/reset/1-no-such-key/",
    ],
)
def test_a_page_for_everybody(visitor, path):
    visitor.open(path)
    expect(visitor.control("link", "Log in").first).to_be_visible()
    expect_no_violations(visitor)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/chat/",
        "/chat/new/",
        "/chat/preferences/",
        "/chat/prompts/",
        "/chat/search/?q=nothing",
        "/chat/archive/",
        "/chat/trash/",
        "/chat/trash/empty/",
        "/chat/account/delete/",
        "/chat/keys/",
        "/chat/usage/",
        "/chat/limits/",
        "/gallery/",
        "/users/profile/",
        "/users/logout/",
        "/users/email/",
        "/users/password/change/",
        "/users/reauthenticate/",
        "/users/mfa/",
        "/users/mfa/totp/activate/",
    ],
)
def test_a_page_for_people(reader, path):
    reader.open(path)
    expect(reader.page.get_by_role("heading", level=1)).to_be_visible()
    expect_no_violations(reader)


@pytest.mark.parametrize("path", ["/chat/999999999/", "/no/such/page/"])
def test_a_page_that_is_not_there(reader, watch, path):
    watch.expect("404")
    reader.open(path)
    expect(reader.control("heading", "Page not found")).to_be_visible()
    expect_no_violations(reader)


def test_a_form_that_was_refused(visitor, watch):
    watch.expect("422")
    visitor.open("/users/register/")
    visitor.fill("Username", "no spaces here")
    visitor.fill("Password", "12345678")
    visitor.press("Enter")
    expect(visitor.alert.filter(has_text="Username")).to_be_visible()
    expect_no_violations(visitor)


def test_a_conversation_with_a_growing_reply(reader, speaker):
    ask(reader, speaker)
    expect_no_violations(reader)
    reader.page.goto(
        re.sub(r"/chat/(\d+)/$", r"/chat/\1/follow/", reader.page.url), wait_until="commit"
    )
    reader.expect_words("The end.")
    expect_no_violations(reader)


def test_a_conversation_that_waits_for_its_reply(reader, speaker, watch):
    watch.expect("409")
    reader.open("/chat/new/")
    reader.ask("Some of everything, please.")
    reader.type("And more.")
    reader.send()
    expect(reader.alert.filter(has_text="Wait for the reply")).to_be_visible()
    expect_no_violations(reader)


def test_a_conversation_with_versions(reader, speaker):
    ask(reader, speaker)
    speaker.end()
    reader.expect_state("done")
    expect_no_violations(reader)
    reader.use("button", "Regenerate")
    speaker.end("Another version.")
    reader.expect_words("Another version.")
    reader.expect_state("done")
    reader.page.reload()
    expect(reader.control("navigation", "Versions")).to_be_visible()
    expect_no_violations(reader)


def test_a_question_that_is_edited(reader, speaker):
    ask(reader, speaker)
    speaker.end()
    reader.expect_state("done")
    reader.page.locator("summary", has_text="More").last.click()
    expect(reader.control("button", "Fork")).to_be_visible()
    expect_no_violations(reader)
    reader.use("button", "Edit")
    reader.expect_focus_on("textbox", "Edited message")
    expect_no_violations(reader)


def test_a_conversation_that_was_stopped(reader, speaker):
    ask(reader, speaker)
    reader.stop()
    reader.expect_state("stopped")
    expect_no_violations(reader)


@pytest.mark.parametrize("fault", ["401", "cut", "policy"])
def test_a_conversation_with_an_error(reader, demo, fault):
    demo.fault = fault
    reader.open("/chat/new/")
    reader.ask("Hello?")
    reader.expect_state("error")
    expect_no_violations(reader)


def test_the_question_before_a_conversation_is_deleted(reader, speaker):
    ask(reader, speaker)
    speaker.end()
    reader.expect_state("done")
    reader.use("button", "Delete")
    expect(reader.control("heading", "Delete this conversation?")).to_be_visible()
    expect_no_violations(reader)


def test_prompts_and_options(reader, speaker, watch):
    watch.expect("422")
    reader.open("/chat/prompts/")
    reader.fill("Name", "Pirate")
    reader.fill("Text", "Speak like a pirate.")
    reader.use("button", "Save")
    expect(reader.control("heading", "Pirate")).to_be_visible()
    reader.fill("Name", "Pirate")
    reader.fill("Text", "The same name again.")
    reader.use("button", "Save")
    expect(reader.alert.filter(has_text="Name")).to_be_visible()
    expect_no_violations(reader)
    ask(reader, speaker)
    speaker.end()
    reader.expect_state("done")
    for summary in reader.page.locator(".menu summary").all():
        summary.press("Enter")
        expect_no_violations(reader)
    reader.use("link", "Options")
    expect(reader.control("heading", "Options")).to_be_visible()
    reader.fill("System prompt", "Speak like a pirate.")
    reader.use("button", "Save")
    expect(reader.page.get_by_text("From this conversation")).to_be_visible()
    expect_no_violations(reader)
