"""w3m and lynx in a terminal, worked by the keys that a person would type."""

import re
from itertools import takewhile

from tests.browser.terminal import CLEAR, COLUMNS, ENTER, LINES, TAB, Terminal
from tests.waiting import wait_until


class TextBrowser:
    """A page is looked through with Tab; what the cursor is on is used with Enter."""

    def __init__(self, url, home, cookies=()):
        self.url, self.home = url, home
        self.terminal = self.start(f"{url}/users/login/", cookies)

    @property
    def place(self):
        return self.terminal.place

    def close(self):
        self.terminal.close()

    @property
    def text(self):
        return " ".join(self.terminal.text.split())

    def see(self, words):
        """Wait until the words are shown, and the program waits for keys."""
        seen = self.terminal.wait(lambda: self.is_ready() and re.search(words, self.text))
        assert seen, f"{words!r} is not in this:\n{self.terminal.text}"

    def press(self, name, then, nth=0):
        """Use the link or button of this name; the words that follow are not there before."""
        assert not re.search(then, self.text), f"{then!r} is there before:\n{self.terminal.text}"
        self.use(name, nth)
        self.see(then)

    def use(self, name, nth=0):
        """Use the next link or button of this name, or a later one."""
        self._go_to(lambda: self.name_at_cursor == name, name, nth)
        self.terminal.type(ENTER)

    def see_row(self, test):
        """Wait until the database shows what a key has done."""
        wait_until(test, describe=lambda: self.terminal.text)

    def fill(self, label, text):
        """Type the text into the field below or beside the label."""
        self._go_to(lambda: self.is_on_field() and label in self._above(), label)
        self.enter(text)
        self.see(re.escape(text[:12]) if not label.startswith("Pass") else "")

    def tick(self, nth=0):
        """Tick a checkbox."""
        self._go_to(self.is_on_checkbox, "a checkbox", nth)
        self.terminal.type(ENTER)
        self.see(r"\[(\*|X)\]")

    def _go_to(self, is_there, name, nth=0):
        """Move on until the cursor is on the thing, or has been on all things of the page."""
        passed = []
        while True:
            if is_there():
                nth -= 1
                if nth < 0:
                    return
            if passed.count(self.place) > 1:
                raise AssertionError(
                    f"{name!r} is not among what is on this:\n{self.terminal.text}"
                )
            passed.append(self.place)
            self._move_on()

    def _move_on(self):
        before = self.place
        for key in (TAB, self.TO_TOP):
            self.terminal.type(key)
            self.terminal.rest()
            if self.place != before:
                return
        raise AssertionError(f"Tab leads nowhere on this:\n{self.terminal.text}")

    def _above(self):
        """Return the line of the field, up to it, and the two before.

        w3m puts the name beside the last line of a field of several lines.
        """
        row, column = self.place
        lines = [line for line in self.terminal.lines[:row] if line.strip()][-2:]
        beside = [line[:column] for line in self.terminal.lines[row : row + 2]]
        return "\n".join(
            [*lines, *beside[:1], *(each for each in beside[1:] if each.endswith("["))]
        )


class W3m(TextBrowser):
    TO_TOP = "g"  # From the last link Tab leads nowhere.

    def start(self, address, cookies):
        (self.home / ".w3m").mkdir()
        saved = "".join(
            f"{self.url}/\t{each.name}\t{each.value}\t{each.expires}\t127.0.0.1\t/\t1\t0\t\t\t\n"
            for each in cookies
        )
        (self.home / ".w3m" / "cookie").write_text(saved)
        editor = self.home / "editor"
        editor.write_text('#!/bin/sh\nprintf "Text: "; read -r text; printf "%s" "$text" > "$1"\n')
        editor.chmod(0o755)
        command = ["w3m", "-cookie", "-o", "accept_cookie=1", address]
        return Terminal(command, folder=self.home, EDITOR=str(editor))

    def is_ready(self):
        return "Viewing" in self.terminal.line(-1)

    @property
    def name_at_cursor(self):
        """Return what the terminal shows from the cursor on in the colours that it has there."""
        row, column = self.terminal.place
        cells = self.terminal.screen.buffer[row]
        look = cells[column].fg, cells[column].underscore
        end = column
        while end < COLUMNS and (cells[end].fg, cells[end].underscore) == look:
            end += 1
        return "".join(cells[each].data for each in range(column, end)).strip()

    def is_on_field(self):
        row, column = self.terminal.place
        return self.terminal.line(row)[:column].endswith("[") and not self.is_on_checkbox()

    def is_on_checkbox(self):
        row, column = self.terminal.place
        return re.match(r"\[[ *]\]", self.terminal.line(row)[max(0, column - 1) :]) is not None

    def enter(self, text):
        """Type it where w3m asks for it: in its last line, or in the editor."""
        self.terminal.type(ENTER)
        asked = self.terminal.wait(lambda: re.search(r"(TEXT|Password|Filename|Text):", self.text))
        assert asked, self.terminal.text
        in_editor = "Text:" in self.text
        self.terminal.type(f"{'' if in_editor else CLEAR}{text}{ENTER}")

    def open(self, path, then):
        self.terminal.type("U")
        assert self.terminal.wait(lambda: "Goto URL:" in self.text), self.terminal.text
        self.terminal.type(f"{CLEAR}{self.url}{path}{ENTER}")
        self.see(then)

    def download(self, name, file):
        self.use(name)
        assert self.terminal.wait(lambda: "Save file to:" in self.text), self.terminal.text
        self.terminal.type(f"{CLEAR}{file}{ENTER}")
        self.see_row((self.home / file).exists)


class Lynx(TextBrowser):
    TO_TOP = TAB
    # UTF-8, as LANG says; and no pause for each line that it shows for a moment.
    SETTINGS = (
        "LOCALE_CHARSET:TRUE\nPERSISTENT_COOKIES:TRUE\nINFOSECS:0\nMESSAGESECS:0\nALERTSECS:0\n"
    )

    def start(self, address, cookies):
        saved = self.home / "cookies"
        saved.write_text(
            "".join(
                f"127.0.0.1\tFALSE\t/\tFALSE\t{each.expires}\t{each.name}\t{each.value}\n"
                for each in cookies
            )
        )
        settings = self.home / "lynx.cfg"
        settings.write_text(self.SETTINGS)
        options = [f"-cfg={settings}", f"-cookie_file={saved}", "-accept_all_cookies", "-nocolor"]
        return Terminal(["lynx", *options, address], folder=self.home)

    def is_ready(self):
        """Tell whether it says what to do with the page, or the thing that it has highlighted."""
        status = self.terminal.line(-3)
        return status.startswith(("Enter text", "Commands:")) or (
            status.startswith("(") and self._highlighted != ""
        )

    @property
    def place(self):
        """The place of what is highlighted; the cursor itself is elsewhere at first."""
        row, column = self.terminal.place
        if self.terminal.screen.buffer[row][column].reverse:
            return row, column
        for row, cells in sorted(self.terminal.screen.buffer.items()):
            columns = [column for column, cell in cells.items() if cell.reverse]
            if 0 < row < LINES - 3 and columns:
                return row, min(columns)
        return self.terminal.place

    @property
    def _highlighted(self):
        row, column = self.place
        cells = self.terminal.screen.buffer[row]
        end = column
        while end < COLUMNS and cells[end].reverse:
            end += 1
        return "".join(cells[each].data for each in range(column, end))

    @property
    def name_at_cursor(self):
        """Return what is highlighted, or of a button the words behind it; links are bold."""
        row, column = self.place
        shown = self._highlighted
        behind = column + len(shown)
        if not self.terminal.line(row)[behind:].startswith(") "):
            return shown.strip()
        cells = [self.terminal.screen.buffer[row][each] for each in range(behind + 2, COLUMNS)]
        plain = takewhile(lambda cell: not cell.bold, cells)
        return re.split(r" \(|  ", "".join(cell.data for cell in plain))[0].strip()

    def is_on_field(self):
        return self._highlighted.endswith("__")

    def is_on_checkbox(self):
        return self._highlighted in ("[ ]", "[X]")

    def enter(self, text):
        self.terminal.type(f"{CLEAR}{text}")

    def open(self, path, then):
        self.terminal.type("g")
        assert self.terminal.wait(lambda: "URL to open" in self.text), self.terminal.text
        self.terminal.type(f"{CLEAR}{self.url}{path}{ENTER}")
        self.see(then)

    def download(self, name, file):
        self.use(name)
        assert self.terminal.wait(lambda: "D)ownload" in self.text), self.terminal.text
        self.terminal.type("d")
        self.see("Save to disk")
        self.use("Save to disk")
        assert self.terminal.wait(lambda: "Enter a filename" in self.text), self.terminal.text
        self.terminal.type(f"{CLEAR}{file}{ENTER}")
        self.see_row((self.home / file).exists)
