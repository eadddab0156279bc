"""w3m, a browser for text: it knows no scripts and no styles, and shows a page when it is whole."""

import re
import shutil
import subprocess
from urllib.parse import urlencode

import pytest

from tests.live_server import PATIENCE

WORDS = [f"w{number}" for number in range(1, 31)]


class TextBrowser:
    """w3m with a home of its own, in which it keeps its cookies."""

    def __init__(self, url, home):
        self.url, self.home = url, home
        self.program = shutil.which("w3m")
        assert self.program, "The tests of the text browser need w3m: apt install w3m"

    def start(self, path, fields=None, show="-dump"):
        """Start it on the address, or on what answers the posted fields."""
        command = [self.program, show, "-cols", "80", "-cookie", "-o", "accept_cookie=1"]
        if fields:
            form = self.home / "form"
            form.write_text(urlencode(fields))
            command += ["-post", str(form)]
        return subprocess.Popen(
            [*command, f"{self.url}{path}"],
            env={"HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "dumb"},
            stdout=subprocess.PIPE,
            text=True,
        )

    def open(self, path, fields=None):
        """Return the page as it is shown."""
        return shown_by(self.start(path, fields))

    def form(self, path, **fields):
        """Return the fields with the hidden ones of the page's forms."""
        page = shown_by(self.start(path, show="-dump_source"))
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
        return {**dict(hidden), **fields}


def shown_by(process):
    text, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return text


@pytest.fixture
def w3m(shared_server, person, tmp_path):
    """w3m, in which that person has logged in."""
    w3m = TextBrowser(shared_server.url, tmp_path)
    who = {"username": person.name, "password": person.password, "remember": "on"}
    page = w3m.open("/users/login/", w3m.form("/users/login/", **who))
    assert "Log out" in page
    return w3m


def test_a_question_is_asked_and_its_reply_read_in_w3m(w3m, speaker):
    fields = w3m.form("/chat/new/", message="Thirty words, please.")
    asking = w3m.start("/chat/new/", fields)
    for start in (0, 10, 20):
        speaker.say(" ".join(WORDS[start : start + 10]) + "\n\n")
    speaker.end("| a | b |\n| - | - |\n| cell-1 | cell-2 |\n")
    page = shown_by(asking)
    assert re.findall(r"\bw\d+\b", page) == WORDS
    assert re.findall(r"cell-\d", page) == ["cell-1", "cell-2"]
    assert page.count("Thirty words, please.") >= 2  # The message; and the title, or the list.
    for control in ("Send", "Regenerate", "Delete", "New chat"):
        assert control in page
    assert "Stop" not in page.splitlines()
    assert "Thirty words, please." in w3m.open("/chat/")


def test_the_plain_page_in_w3m_leads_to_the_one_that_waits(w3m, person, speaker):
    person.ask("Thirty words, please.").close()
    speaker.say("w1 ")
    person.get("/chat/")
    path = re.search(r'href="(/chat/\d+/)"', person.page)[1]
    page = w3m.open(path)
    assert "Show the reply while it is written" in page
    assert "Stop" in page
    following = w3m.start(f"{path}follow/")
    speaker.end(" ".join(WORDS[1:]))
    assert re.findall(r"\bw\d+\b", shown_by(following)) == WORDS
