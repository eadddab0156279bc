"""What these tests rely on notices what it is for."""

import pytest

from tests.browser.keyboard import Keyboard
from tests.browser.watch import Watch

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])

ADD_PICTURE = """source => new Promise(resolve => {
    const picture = new Image();
    picture.onload = picture.onerror = resolve;
    picture.src = source;
})"""


@pytest.fixture
def own_watch(shared_server):
    return Watch(shared_server.url)


@pytest.fixture
def page(browser_with_scripts, shared_server, own_watch, request):
    with browser_with_scripts.new_context(bypass_csp=request.param) as context:
        own_watch.follow(context, scripts=True)
        page = context.new_page()
        page.goto(shared_server.url)
        yield page


@pytest.mark.parametrize("page", [False], indirect=True)
def test_the_watch_sees_a_violation_of_the_content_policy(page, own_watch):
    page.evaluate(ADD_PICTURE, "https://example.org/picture.png")
    assert any("Content Security Policy" in note for note in own_watch.surprises())


@pytest.mark.parametrize("page", [True], indirect=True)
def test_the_watch_sees_requests_to_others_and_failures(page, own_watch):
    page.evaluate(ADD_PICTURE, "http://127.0.0.1:9/picture.png")
    assert any(note.startswith("another host: ") for note in own_watch.surprises())
    assert any(note.startswith("failed: ") for note in own_watch.surprises())


@pytest.mark.parametrize("page", [True], indirect=True)
def test_the_watch_sees_errors_and_bad_answers(page, own_watch):
    page.evaluate("console.warn('a warning')")
    with page.context.expect_event("weberror"):
        page.evaluate("setTimeout(() => { throw new Error('an error') })")
    page.goto(f"{page.url}no/such/page/")
    own_watch.expect("the server responded with")
    first, second, third = own_watch.surprises()
    assert first == "warning: a warning"
    assert "an error" in second
    assert third.startswith("status 404: ")


def test_scripts_are_off_where_they_should_be(visitor):
    visitor.open("/")
    query = "matchMedia('(scripting: none)').matches"
    assert visitor.page.evaluate(query) is not visitor.scripts


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("<button tabindex=-1>Send</button>", "does not reach"),
        ("<style>* { outline: none }</style><button>Send</button>", "cannot be seen"),
        ("<button>Send</button><p style='position: fixed; inset: 0'></p>", "cannot be seen"),
    ],
)
@with_scripts
def test_a_control_that_cannot_be_used_with_keys_is_found_out(visitor, markup, problem):
    visitor.page.set_content(markup)
    visitor.patience, visitor.most_tabs = 0, 5  # It is whole: what it lacks will not come.
    with pytest.raises(AssertionError, match=problem):
        visitor.tab_to("button", "Send")


@with_scripts
def test_the_keyboard_uses_a_control(open_context, shared_server):
    keyboard = Keyboard(open_context().new_page(), shared_server.url, True)
    keyboard.page.set_content("<input aria-label=Message><details><summary>More</summary>Text")
    keyboard.fill("Message", "typed")
    assert keyboard.message.input_value() == "typed"
