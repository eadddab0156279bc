"""A person who has nothing but a keyboard."""

import re
from contextlib import suppress

from playwright.sync_api import Error, expect

from tests.live_server import PATIENCE, wait_until

MOST_TABS = 500  # The most that leads to anything on a page.
# Before htmx has come nothing hears what is typed; on some pages it has nothing to do.
HTMX_IS_THERE = "[data-htmx-powered], body:not(:has([hx-get], [hx-post]))"
# Before its styles have come a page has another shape, and what is in view need not stay there.
STYLES_ARE_THERE = "[...document.querySelectorAll('link[rel=stylesheet]')].every(one => one.sheet)"

FOCUS_IS_SEEN = """element => {
    const outlined = node => {
        const style = getComputedStyle(node);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    };
    let ring = element;
    while (ring && !outlined(ring)) ring = ring.parentElement;
    const box = element.getBoundingClientRect();
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    return !!ring && !!top && (element.contains(top) || top.contains(element));
}"""


def is_loaded(image):
    """Wait until the picture has come, and return its own width."""
    expect(image).to_be_visible()
    return image.evaluate("image => image.decode().then(() => image.naturalWidth)")


class Keyboard:
    """A page, worked with keys only; and what its reader finds on it by role and name."""

    def __init__(self, page, url, scripts):
        self.patience, self.most_tabs = PATIENCE, MOST_TABS
        self.page, self.url, self.scripts = page, url, scripts
        self.message = page.get_by_role("textbox", name="Message", exact=True)
        self.replies = page.get_by_role("article", name=re.compile("^Assistant"))
        self.reply = self.replies.last
        self.questions = page.get_by_role("article", name=re.compile("^You"))
        self.question = self.questions.last
        self.alert = page.get_by_role("alert")
        self.focused = page.locator(":focus")
        page.on("filechooser", lambda chooser: None)  # Before one can open.

    def go_back(self):
        self._travel(self.page.go_back)

    def go_forward(self):
        self._travel(self.page.go_forward)

    def _travel(self, travel):
        """Go through the history, once the frame of the page before has been exchanged.

        Chromium answers until then that it has no history to show: nothing has moved yet.
        """

        def has_travelled():
            try:
                travel()
            except Error as error:
                if "Not attached to an active page" not in str(error):
                    raise
                return False
            return True

        wait_until(has_travelled)

    def open(self, path):
        """Go to the address, until its scripts are at work.

        Without scripts as far as its first bytes: a growing page is long in coming.
        """
        self.page.goto(
            f"{self.url}{path}", wait_until="domcontentloaded" if self.scripts else "commit"
        )
        if self.scripts:
            expect(self.page.locator(HTMX_IS_THERE).first).to_be_attached()

    def control(self, role, name):
        return self.page.get_by_role(role, name=name, exact=True)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def tab_to(self, role, name, key="Tab"):
        """Press Tab until the control has the focus, and see that the focus can be seen."""
        target = self.control(role, name)
        expect(target.first).to_be_attached()
        wait_until(self._has_styles, lambda: "The styles did not come.")
        self._reach(target, f"the {role} {name!r}", key)
        wait_until(
            lambda: self.focused.evaluate(FOCUS_IS_SEEN),
            lambda: f"The focus cannot be seen on the {role} {name!r}",
            self.patience,
        )
        return target

    def _has_styles(self):
        with suppress(Error):  # The page is being left, and the next has styles of its own.
            return self.page.evaluate(STYLES_ARE_THERE)

    def use(self, role, name, key="Enter"):
        """Tab to the control and press it."""
        self.tab_to(role, name)
        self.press(key)

    def go(self, role, name, key="Enter"):
        """Use what leads to another page, and wait until that has come.

        Without that the next step could still be done on the old page.
        """
        self.tab_to(role, name)
        with self.leaving():
            self.press(key)

    def leaving(self):
        """Return a context at whose end another page has come; it may still grow."""
        return self.page.expect_navigation(wait_until="commit")

    def stop(self, name="Stop"):
        """Stop what grows. Without scripts its page gets the end of it, and then another comes."""
        if self.scripts:
            self.use("button", name)
        else:
            self.go("button", name)

    def open_menu(self, name, within=None, key="Tab"):
        """Tab to what opens a menu, which has no role of its own, and open it."""
        summary = (within or self.page).locator("summary", has_text=name)
        expect(summary).to_have_count(1)
        self._reach(summary, f"the menu {name!r}", key)
        self.press("Enter")

    def _reach(self, target, name, key="Tab"):
        for _ in range(self.most_tabs):
            if target.and_(self.focused).count():
                return
            self.press(key)
        raise AssertionError(f"{key} does not reach {name}")

    def open_actions(self, key="Tab"):
        """Open the menu of the conversation."""
        self.open_menu("More", self.page.locator(".conversation__actions"), key)

    def fill(self, name, text):
        self.tab_to("textbox", name)
        self.press("ControlOrMeta+A")
        self.type(text)

    def choose(self, label, *files):
        """Tab to the control for files, and choose these with it."""
        self._reach(self.page.get_by_label(label, exact=True), f"the files {label!r}")
        with self.page.expect_file_chooser() as chooser:
            self.press("Enter")
        chooser.value.set_files(list(files))

    def wait_for_htmx(self, field=None):
        """Wait until Enter in the field sends: for whoever is quicker it makes a new line.

        The field is the composer's, if no other is given.
        """
        form = (field or self.message).locator("xpath=ancestor::form")
        expect(form).to_have_attribute("data-htmx-powered", "true")

    def send(self):
        """Send what is in the composer, in which the focus is."""
        if self.scripts:
            self.wait_for_htmx()
            self.press("Enter")
        else:
            self.use("button", "Send")

    def ask(self, text):
        """Type a message into the composer of the page, and send it."""
        self.tab_to("textbox", "Message")
        self.type(text)
        self.send()
        expect(self.question).to_contain_text(text)
        expect(self.message).to_be_focused()

    def expect_words(self, text):
        """Wait until the last reply shows the text; what a style hides does not count."""
        expect(self.reply).to_contain_text(text, use_inner_text=True)

    def expect_state(self, state):
        """Wait until the last reply is in the state, and does what its keys and buttons say."""
        expect(self.reply).to_have_attribute("data-state", state)
        if self.scripts:  # htmx puts it into the page first, and sets it to work a moment later.
            expect(self.page.locator(".htmx-added")).to_have_count(0)

    def expect_focus_on(self, role, name):
        expect(self.control(role, name)).to_be_focused()
