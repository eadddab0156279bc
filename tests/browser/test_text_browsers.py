"""Every action, in w3m and in lynx, by keys: they know HTML 4, and neither scripts nor styles."""

import re

import pytest

from tests.browser.text_browsers import Lynx, W3m

BROWSERS = [W3m, Lynx]


@pytest.fixture(params=BROWSERS)
def reader(request, shared_server, person, tmp_path):
    """The browser, which has the person's cookies."""
    reader = request.param(shared_server.url, tmp_path, person.cookies)
    reader.see("Log out")
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


STATES = "Waiting|In progress|Complete"


def see_its_end(reader):
    """Look at an export or import again and again, as its page offers, until it is complete."""
    for _ in range(50):
        if "Complete" in reader.text:
            return
        reader.use("Show how far it is")
        reader.see(STATES)


@pytest.mark.row("O-127")
@pytest.mark.parametrize("browser", BROWSERS)
def test_one_logs_in_and_out(browser, shared_server, person, tmp_path):
    reader = browser(shared_server.url, tmp_path)
    reader.see("Log in")
    reader.fill("Username", person.name)
    reader.fill("Password", person.password)
    reader.press("Log in", "Log out")
    reader.press("Log out", "Register")
    reader.close()


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


@pytest.mark.row("O-127")
def test_a_conversation_is_arranged(reader, demo, rows):
    begin(reader)
    reader.open(f"/chat/{rows('id')[0]}/", "Pin")
    reader.press("Pin", "Unpin")
    reader.press("Archive", "Unarchive", nth=1)
    reader.press("Unarchive", "Pinned")
    reader.press("Rename", "Rename the conversation")
    reader.fill("Title", "Of lighthouses")
    reader.press("Rename", r"Of lighthouses (\(BUTTON\) )?Rename")
    reader.press("Tags", "New tags")
    reader.fill("New tags", "garden")
    reader.press("Save", "Regenerate")
    reader.press("Options", "What the model is told")
    reader.fill("System prompt", "Be brief.")
    reader.press("Save", "The options are saved")
    reader.press("Of lighthouses", "Regenerate")
    assert (rows("title"), rows("system_prompt")) == (["Of lighthouses"], ["Be brief."])
    reader.press("Summarise", "Look again|Made by")
    reader.open(f"/chat/{rows('id')[0]}/", "Delete")
    reader.press("Delete", "Delete this conversation")
    reader.press("Delete", "is in the trash")
    reader.press("Restore", "Regenerate")


@pytest.mark.row("O-127")
def test_a_file_goes_with_a_question(reader, demo, tmp_path):
    (tmp_path / "a.txt").write_text("The text of it")
    reader.open("/chat/new/", "What is on your mind")
    reader.fill("Message", "What is in it?")
    reader.fill("Attach files", "a.txt")
    reader.press("Send", "The model is given this text")


@pytest.mark.row("O-127")
def test_pictures_are_made_marked_and_deleted(reader, demo):
    reader.open("/gallery/?make=create", "Make the picture")
    reader.fill("What should it show", "A lighthouse")
    reader.press("Make the picture", "Talk about this picture")
    reader.press("☆", "★")
    reader.press("★", "☆")
    reader.open("/gallery/", "Delete the selected")
    reader.press("☆", "★")
    reader.tick()
    reader.press("Delete the selected", "is in the trash")
    reader.press("Restore", "restored")


@pytest.mark.row("O-127")
def test_what_is_typed_is_kept_before_another_button_is_pressed(reader, demo, rows):
    begin(reader)
    reader.fill("Message", "Half a thought")
    reader.press("Keep as draft", "What you have typed is kept")
    reader.press("Pin", "Unpin")
    assert "Half a thought" in reader.text
    assert rows("draft") == ["Half a thought"]


@pytest.mark.row("O-127")
def test_conversations_are_taken_away_and_brought_back(reader, demo, rows):
    begin(reader)
    reader.open("/chat/export/", "Make the ZIP file")
    reader.press("Make the ZIP file", STATES)
    see_its_end(reader)
    reader.download("Download", "all.zip")
    reader.open("/chat/import/", "Import conversations")
    reader.fill("File", "all.zip")
    if not re.search(STATES, reader.text):  # w3m sends a form whose only field is filled in.
        reader.press("Import", STATES)
    see_its_end(reader)
    assert len(rows("id")) == 1
