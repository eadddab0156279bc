"""A terminal in which a program for text runs: keys are typed, and what it shows is read."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pyte

from tests.waiting import PATIENCE

COLUMNS, LINES = 100, 200  # So tall that a page need not be scrolled; w3m takes no more.
ENTER, TAB, CLEAR = "\r", "\t", "\x15"


class Terminal:
    """A pseudo terminal, in which pyte shows what the Linux console would."""

    def __init__(self, command, **environment):
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._keyboard, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        environment = {
            "TERM": "linux",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            **environment,
        }
        self._process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *command],
            stdin=end,
            stdout=end,
            stderr=end,
            env=environment,
        )
        os.close(end)

    def close(self):
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
        os.write(self._keyboard, keys.encode())

    def wait(self, test, patience=PATIENCE):
        """Read what the program shows until the test holds; tell whether it did."""
        deadline = time.monotonic() + patience
        while not test():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._keyboard], [], [], left)[0]:
                return False
            self._stream.feed(os.read(self._keyboard, 65536))
        return True
