"""What is where: on a phone and on a desk, while a reply grows and when it is complete."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import Keyboard
from tests.live_server import wait_until

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}
sizes = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])

PARAGRAPH = "The sea comes and the sea goes, and nobody has ever seen it tire of that. " * 3
WIDE = """\
| {head} |
| {rule} |
| {cells} |

```python
{code}
```

{word}

$${maths}$$

The end.
""".format(
    head=" | ".join(f"Column {number}" for number in range(20)),
    rule=" | ".join("-" for number in range(20)),
    cells=" | ".join(f"cell-{number}" for number in range(20)),
    code="total = " + " + ".join(f"some_long_name_{number}" for number in range(30)),
    word="Donaudampfschifffahrtsgesellschaft" * 6,
    maths=" + ".join(f"x_{{{number}}}^2" for number in range(40)),
)
PAGE_WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def box(locator):
    return locator.bounding_box()


def bottom(locator):
    return box(locator)["y"] + box(locator)["height"]


def top_of(reader, text):
    return box(reader.reply.get_by_text(text).last)["y"]


def is_seen_whole(reader, text):
    """Tell whether the line that holds the text is inside the window, and no composer is on it."""
    line = box(reader.reply.get_by_text(text).last)
    height = reader.page.viewport_size["height"]
    controls = [box(reader.message), box(reader.control("button", "Send"))]
    covered = any(
        line["y"] < control["y"] + control["height"] and control["y"] < line["y"] + line["height"]
        for control in controls
    )
    return line["y"] >= 0 and line["y"] + line["height"] <= height and not covered


def write(reader, speaker, paragraphs):
    for number in paragraphs:
        speaker.say(f"{PARAGRAPH}Line {number}.\n\n")
    reader.expect_words(f"Line {paragraphs[-1]}.")


@sizes
def test_the_newest_words_stay_in_view(reader, speaker, size):
    reader.page.set_viewport_size(size)
    reader.open("/chat/new/")
    reader.ask("Tell me about the sea.")
    for step in range(1, 30, 7):
        write(reader, speaker, range(step, step + 7))
        last = f"Line {step + 6}."
        wait_until(lambda last=last: is_seen_whole(reader, last), lambda last=last: last)
    speaker.end("The end.")
    reader.expect_state("done")
    wait_until(lambda: is_seen_whole(reader, "The end."))
    reader.page.reload()
    wait_until(lambda: is_seen_whole(reader, "The end."))


@sizes
def test_a_reader_who_scrolled_up_stays_where_they_are(reader, speaker, size):
    reader.page.set_viewport_size(size)
    reader.open("/chat/new/")
    reader.ask("Tell me about the sea.")
    write(reader, speaker, range(1, 31))
    reader.tab_to("log", "Messages")
    reader.press("End")
    wait_until(lambda: is_seen_whole(reader, "Line 30."))
    for _ in range(2):
        before = top_of(reader, "Line 30.")
        reader.press("PageUp")
        wait_until(lambda before=before: top_of(reader, "Line 30.") != before)
    assert not is_seen_whole(reader, "Line 30.")
    numbers = range(30, 0, -1)
    seen = next(f"Line {n}." for n in numbers if is_seen_whole(reader, f"Line {n}."))
    line = reader.reply.get_by_text(seen).last
    before = box(line)["y"]
    write(reader, speaker, range(31, 41))
    assert abs(box(line)["y"] - before) <= 1
    speaker.end("The end.")
    reader.expect_state("done")
    assert abs(box(line)["y"] - before) <= 1


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["narrow", "desk"])
def test_wide_replies_do_not_make_the_page_wide(reader, speaker, size):
    reader.page.set_viewport_size(size)
    reader.open("/chat/new/")
    reader.ask("Show me something wide.")
    for start in range(0, len(WIDE), 200):
        speaker.say(WIDE[start : start + 200])
    reader.expect_words("The end.")
    width, window = reader.page.evaluate(PAGE_WIDTHS)
    assert width <= window
    speaker.end()
    reader.expect_state("done")
    width, window = reader.page.evaluate(PAGE_WIDTHS)
    assert width <= window
    for control in (reader.message, reader.control("button", "Send"), reader.reply):
        assert box(control)["x"] >= 0
        assert box(control)["x"] + box(control)["width"] <= window


def test_a_long_word_of_mine_does_not_make_the_page_wide(reader, speaker):
    reader.page.set_viewport_size(NARROW)
    reader.open("/chat/new/")
    reader.ask("https://example.org/" + "a" * 300)
    speaker.end("I see.")
    reader.expect_state("done")
    width, window = reader.page.evaluate(PAGE_WIDTHS)
    assert width <= window


@pytest.mark.parametrize(
    "path",
    ["/chat/", "/chat/new/", "/gallery/", "/users/profile/", "/users/mfa/", "/users/email/"],
)
def test_no_page_is_wider_than_a_narrow_window(reader, path):
    reader.page.set_viewport_size(NARROW)
    reader.open(path)
    reader.page.wait_for_load_state()  # With its styles.
    width, window = reader.page.evaluate(PAGE_WIDTHS)
    assert width <= window


@sizes
def test_a_long_message_leaves_room_for_the_conversation(reader, speaker, size):
    reader.page.set_viewport_size(size)
    reader.open("/chat/new/")
    reader.ask("Hello?")
    speaker.end("Hello.")
    reader.expect_state("done")
    reader.tab_to("textbox", "Message")
    reader.page.keyboard.insert_text("One more line.\n" * 60)
    height = size["height"]
    assert box(reader.message)["height"] < height * 0.7
    assert bottom(reader.control("button", "Send")) <= height


def luminance(page):
    """Return how light the page's background is, from 0 to 255."""
    colour = page.evaluate(
        "[document.body, document.documentElement]"
        ".map(element => getComputedStyle(element).backgroundColor)"
        ".find(colour => colour !== 'rgba(0, 0, 0, 0)') || 'rgb(255, 255, 255)'"
    )
    context = "(() => { const c = new OffscreenCanvas(1, 1).getContext('2d'); c.fillStyle = '%s';"
    context += " c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; })()"
    red, green, blue, _ = page.evaluate(context % colour)
    return 0.2 * red + 0.7 * green + 0.1 * blue


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_the_systems_until_a_person_chooses(
    open_context, person, shared_server, scripts, system
):
    context = open_context(person, color_scheme=system)
    reader = Keyboard(context.new_page(), shared_server.url, scripts)

    def is_dark():
        reader.page.wait_for_load_state()  # With its styles.
        return luminance(reader.page) < 100

    reader.open("/users/profile/")
    reader.tab_to("radio", "Like the system")
    assert is_dark() == (system == "dark")
    other, key = ("Dark", "ArrowUp") if system == "light" else ("Light", "ArrowDown")
    reader.press(key)
    expect(reader.control("radio", other)).to_be_checked()
    reader.use("button", "Save")
    expect(reader.page.get_by_text("Your profile is saved.")).to_be_visible()
    assert is_dark() == (other == "Dark")
    reader.open("/chat/new/")
    expect(reader.message).to_be_visible()
    assert is_dark() == (other == "Dark")
