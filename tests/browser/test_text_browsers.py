"""Every action, in w3m and in lynx, by keys: they know HTML 4, and neither scripts nor styles."""

import re

import pytest

from tests.browser.text_browsers import Lynx, W3m


@pytest.fixture(params=[W3m, Lynx])
def reader(request, shared_server, person, tmp_path):
    """The browser, in which that person has logged in."""
    reader = request.param(shared_server.url, tmp_path)
    reader.see("Log in")
    reader.fill("Username", person.name)
    reader.fill("Password", person.password)
    reader.press("Log in", "Log out")
    yield reader
    reader.close()


@pytest.fixture
def rows(shared_server, person):
    """Return a function that reads a column of the person's conversations."""

    def rows(column):
        sql = (
            f"SELECT conversation.{column} FROM chat_conversation conversation"
            " JOIN users_user person ON person.id = conversation.user_id"
            " WHERE person.username = ? ORDER BY conversation.id"
        )
        return [value for (value,) in shared_server.query(sql, person.name)]

    return rows


def begin(reader, text="A first question"):
    reader.open("/chat/new/", "What is on your mind")
    reader.fill("Message", text)
    reader.press("Send", "Regenerate")


@pytest.mark.row("O-127")
def test_a_question_is_asked_answered_again_and_edited(reader, demo, rows):
    begin(reader)
    reader.press("Regenerate", "2 of 2")
    reader.press("‹", "1 of 2")
    reader.press("›", "2 of 2")
    reader.press("parlor-demo-mini", "3 of 3")
    reader.press("Edit", "Cancel")
    reader.fill("Edited message", "Another question")
    reader.press("Send", "2 of 2")
    reader.see("Another question")
    reader.press("‹", "1 of 2")
    reader.use("Fork", nth=1)
    reader.see_row(lambda: len(rows("id")) == 2)


@pytest.mark.row("O-127")
def test_a_reply_is_stopped_and_what_is_typed_stays(reader, person, speaker):
    person.ask("A long story, please").close()
    speaker.say("Once ")
    person.get("/chat/")
    path = re.search(r'href="(/chat/\d+/)"', person.page)[1]
    reader.open(path, "Show the reply while it is written")
    reader.fill("Message", "Typed meanwhile")
    reader.press("Stop", "Stopped")
    reader.see("Typed meanwhile")
    reader.use("Try again")
    speaker.end("It was told to its end.")
    reader.see("told to its end")
    reader.see("Typed meanwhile")


@pytest.mark.row("O-127")
def test_a_reply_that_was_cut_is_continued(reader, demo):
    demo.fault = "cut"
    reader.open("/chat/new/", "What is on your mind")
    reader.fill("Message", "A first question")
    reader.press("Send", "What arrived is kept")
    demo.fault = None
    reader.press("Continue", "2 of 2")
