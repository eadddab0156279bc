"""A terminal in which a program for text runs: keys are typed, and what it shows is read."""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pyte

from tests.waiting import PATIENCE

COLUMNS, LINES = 100, 200  # So tall that a page need not be scrolled; w3m takes no more.
GLANCE = 0.005  # Seconds; a program that goes to sleep says nothing.
ENTER, TAB, CLEAR = "\r", "\t", "\x15"


class Terminal:
    """A pseudo terminal, in which pyte shows what the Linux console would."""

    def __init__(self, command, folder, **environment):
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._keyboard, self._end = pty.openpty()
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._slept = None
        environment = {
            "TERM": "linux",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            **environment,
        }
        self._process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *command],
            stdin=self._end,
            stdout=self._end,
            stderr=self._end,
            env=environment,
            cwd=folder,
        )

    def close(self):
        os.close(self._end)
        os.close(self._keyboard)  # The program is told that its terminal is gone, and ends.
        self._process.wait(PATIENCE)

    @property
    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def line(self, row):
        """Return one line: quicker than all of them."""
        cells = self.screen.buffer[row % LINES]
        return "".join(cells[column].data for column in range(COLUMNS)).rstrip()

    @property
    def text(self):
        return "\n".join(self.lines).strip()

    @property
    def place(self):
        return self.screen.cursor.y, self.screen.cursor.x

    @property
    def at_cursor(self):
        """What stands from the cursor on."""
        return self.lines[self.screen.cursor.y][self.screen.cursor.x :]

    def type(self, keys):
        self._slept = self._sleeps()
        os.write(self._keyboard, keys.encode())

    def wait(self, test, patience=PATIENCE):
        """Read what the program shows until it rests and the test holds; tell whether it did."""
        deadline = time.monotonic() + patience
        while not (self._rests() and test()):
            if time.monotonic() > deadline:
                return False
            self._read()
        return True

    def rest(self):
        """Wait until each key that was typed has done what it does at once."""
        assert self.wait(lambda: True), f"It works on and on:\n{self.text}"

    def _rests(self):
        """Tell whether it woke up for the keys, took them all, and sleeps; and all was read."""
        if self._sleeps() == self._slept or self._look("stat").rpartition(") ")[2][0] != "S":
            return False
        untaken = fcntl.ioctl(self._end, termios.FIONREAD, b"\0" * 4)
        return not any(untaken) and not select.select([self._keyboard], [], [], 0)[0]

    def _sleeps(self):
        """Return how often it went to sleep."""
        return re.search(r"^voluntary_ctxt_switches:\s(\d+)", self._look("status"), re.M)[1]

    def _look(self, name):
        """Return what Linux tells of the program (proc(5))."""
        return pathlib.Path(f"/proc/{self._process.pid}/{name}").read_text()

    def _read(self):
        if select.select([self._keyboard], [], [], GLANCE)[0]:
            self._stream.feed(os.read(self._keyboard, 65536))
