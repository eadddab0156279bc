"""Every action works for a browser that knows no more than HTML 4, such as w3m and lynx."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.chat.models import Conversation, Message, SavedPrompt, Tag
from apps.ghibli_converter.models import Picture
from tests.chat.talk import Pieces, ended, ended_transfer, follow_page, newest, settled
from tests.factories import (
    make_conversation,
    make_message,
    make_picture,
    make_reply,
)
from tests.html4 import Browser, presses
from tests.live_server import wait_until

pytestmark = pytest.mark.any_database


@pytest.fixture
def browser(ada):
    """Hers, which needs the token of each form, too."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    return Browser(client)


@pytest.fixture
def talk(ada):
    return make_conversation(
        ada, "First question", "First reply", "Second question", "Second reply"
    )


def tip(conversation):
    conversation.refresh_from_db()
    return conversation.tip


def open_ended(browser, conversation):
    """Open the conversation when its newest reply has ended; return that."""
    reply = ended(newest(conversation))
    browser.open(conversation.get_absolute_url())
    return reply


@pytest.mark.row("O-127")
def test_stop_stops_and_keeps_what_is_typed(browser, talk, demo):
    demo.fault = "stall"
    browser.open(talk.get_absolute_url())
    browser.press("Send", message="Third question")
    page = browser.press("Stop", message="Typed meanwhile")
    assert newest(talk).state == "stopped"
    assert page.typed == "Typed meanwhile"
    assert talk.messages.count() == 6


@pytest.mark.row("O-127")
def test_a_reply_is_made_again_and_its_versions_are_looked_at(browser, talk, demo):
    browser.open(talk.get_absolute_url())
    browser.press("Regenerate", nth=-1)
    second = open_ended(browser, talk)
    assert (second.parent.content, talk.messages.count()) == ("Second question", 5)
    browser.press("Previous version")
    assert tip(talk).content == "Second reply"
    browser.press("Next version")
    assert tip(talk) == second
    browser.press("parlor-demo-mini")
    assert open_ended(browser, talk).model == "parlor-demo-mini"


@pytest.mark.row("O-127")
@pytest.mark.parametrize("name", ["Try again", "Continue"])
def test_a_reply_that_was_cut_is_gone_on_with(browser, ada, demo, name):
    talk = make_conversation(ada, "Question")
    cut = make_reply(talk, "Half of", state="interrupted", error="cut")
    browser.open(talk.get_absolute_url())
    browser.press(name)
    reply = open_ended(browser, talk)
    assert (reply.state, reply.parent_id) == ("done", cut.parent_id)
    assert reply.content.startswith("Half of") == (name == "Continue")


@pytest.mark.row("O-127")
def test_a_question_is_edited(browser, talk, demo):
    browser.open(talk.get_absolute_url())
    page = browser.press("Edit", nth=0)
    assert page.typed == "First question"
    browser.press("Send", nth=0, message="Another question")
    assert open_ended(browser, talk).parent.content == "Another question"
    browser.press("Previous version")
    browser.press("Next version")
    assert "Another question" in browser.page.messages[0].shown


@pytest.mark.row("O-127")
def test_the_page_that_grew_ends_with_buttons_that_can_be_pressed(browser, talk, demo):
    demo.fault = "stall"
    browser.open(talk.get_absolute_url())
    browser.press("Send", message="Third question")
    growing = follow_page(browser.client, newest(talk))
    html = growing.read_until("parts.")
    browser.press("Stop")
    browser.show(browser.path, html + growing.rest())
    demo.fault = None
    browser.press("Try again")
    assert open_ended(browser, talk).state == "done"


@pytest.mark.row("O-127")
def test_an_older_version_is_gone_on_with(browser, talk, demo):
    older = tip(talk)
    browser.open(talk.get_absolute_url())
    browser.press("Regenerate", nth=-1)
    ended(newest(talk))
    browser.open(f"{talk.get_absolute_url()}?at={older.pk}")
    browser.press("Go on with this version")
    assert tip(talk) == older


@pytest.mark.row("O-127")
def test_a_conversation_is_forked(browser, talk):
    browser.open(talk.get_absolute_url())
    browser.press("Fork", nth=1)
    fork = Conversation.objects.exclude(pk=talk.pk).get()
    assert [each.shown for each in browser.page.messages] == ["First question", "First reply"]
    assert browser.path == fork.get_absolute_url()


@pytest.mark.row("O-127")
def test_a_conversation_is_arranged(browser, talk):
    browser.open(talk.get_absolute_url())
    for name, field, value in [
        ("Pin", "is_pinned", True),
        ("Unpin", "is_pinned", False),
        ("Archive", "is_archived", True),
        ("Unarchive", "is_archived", False),
    ]:
        browser.press(name)
        talk.refresh_from_db()
        assert getattr(talk, field) is value
    browser.press("Rename")
    browser.press("Rename", title="Another title")
    browser.follow("Tags")
    browser.press("Save", new="garden")
    browser.follow("Options")
    browser.press("Save", system_prompt="Be brief.")
    talk.refresh_from_db()
    assert (talk.title, talk.system_prompt) == ("Another title", "Be brief.")
    assert list(talk.tags.all()) == [Tag.objects.get(name="garden")]


@pytest.mark.row("O-127")
def test_a_conversation_is_deleted_and_restored(browser, talk):
    for times in range(2):
        browser.open(talk.get_absolute_url())
        browser.press("Delete")
        browser.press("Delete")
        assert not Conversation.objects.exists()
        if times:
            browser.open("/chat/trash/")
        browser.press("Restore")
        assert Conversation.objects.get() == talk
    browser.press("Delete")
    browser.press("Delete")
    browser.open("/chat/trash/")
    browser.press("Delete for good")
    browser.press("Delete for good")
    wait_until(lambda: not Conversation.with_trash.exists())


@pytest.mark.row("O-127")
def test_a_conversation_is_summarised(browser, talk, demo):
    browser.open(talk.get_absolute_url())
    browser.press("Summarise")
    settled()
    browser.open(browser.path)
    browser.press("Save", text="In my words")
    assert [each.text for each in talk.summaries.all()] == ["In my words"]
    browser.press("Rebuild")
    settled()
    assert "In my words" not in browser.open(browser.path).text
    make_message(talk, "Third question")
    reply = make_reply(talk, "Third reply")
    browser.open(browser.path)
    browser.press("Bring up to date")
    settled()
    assert talk.summaries.latest("up_to_id").up_to == reply


@pytest.mark.row("O-127")
@pytest.mark.parametrize("is_new", [True, False])
def test_files_and_prompts_of_the_composer(browser, ada, talk, demo, is_new):
    SavedPrompt.objects.create(user=ada, name="Pirate", text="Talk like a pirate.")
    path = "/chat/new/" if is_new else talk.get_absolute_url()
    browser.open(path)
    files = [SimpleUploadedFile(name, b"A text") for name in ("a.txt", "b.txt")]
    page = browser.press("Pirate", message="Typed", files=files)
    assert page.typed == "Typed\n\nTalk like a pirate."
    page = browser.press("Remove a.txt", message="Typed more")
    assert page.typed == "Typed more"
    assert [each.name for each in ada.attachments.all()] == ["b.txt"]
    browser.press("Send")
    question = ended(Message.objects.latest("pk")).parent
    assert question.content == "Typed more"
    assert [each.name for each in question.files] == ["b.txt"]


@pytest.mark.row("O-127")
@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_typed_is_kept_before_another_button_is_pressed(browser, ada, talk, is_new):
    path = "/chat/new/" if is_new else talk.get_absolute_url()
    browser.open(path)
    file = SimpleUploadedFile("a.txt", b"A text")
    page = browser.press("Keep as draft", message="Half a thought", files=[file])
    assert (browser.path, page.typed) == (path, "Half a thought")
    assert "What you have typed is kept." in page.text
    assert talk.messages.count() == 4
    browser.open(talk.get_absolute_url())
    browser.press("Pin")
    page = browser.open(path)
    assert page.typed == "Half a thought"
    assert [each.name for each in ada.attachments.all()] == ["a.txt"]


@pytest.mark.row("O-127")
def test_a_text_browser_has_nothing_to_stop_when_the_reply_is_there(browser, talk, demo):
    demo.fault = "stall"
    browser.open(talk.get_absolute_url())
    browser.press("Send", message="Third question")
    growing = follow_page(browser.client, newest(talk), **{"User-Agent": "w3m/0.5.3"})
    html = growing.read_until("</form>")
    browser.press("Stop")
    page = browser.show(browser.path, html + growing.rest())
    names = [button.name for _, button in presses(page)]
    assert ("Send" in names, "Regenerate" in names, "Stop" in names) == (True, True, False)


@pytest.mark.parametrize("button", ["stop", "remove", "insert"])
@pytest.mark.parametrize("value", ["0", "987654321", "", "x", "9" * 30])
def test_a_button_for_nothing_sends_nothing(ada_client, talk, button, value):
    fields = {button: value, "message": "Typed", "conversation": talk.pk}
    response = ada_client.post(f"/chat/{talk.pk}/send/", fields)
    assert response.status_code == 404
    assert "Typed</textarea>" in response.content.decode()
    assert talk.messages.count() == 4


@pytest.mark.parametrize("button", ["stop", "remove", "insert"])
def test_a_button_pressed_when_the_session_is_over_keeps_the_words(client, talk, ada, button):
    response = client.post(f"/chat/{talk.pk}/send/", {button: "1", "message": "Typed"})
    assert response["Location"] == f"/users/login/?next=/chat/{talk.pk}/"
    client.force_login(ada)
    assert Browser(client).open(talk.get_absolute_url()).typed == "Typed"
    assert talk.messages.count() == 4


@pytest.mark.row("O-127")
def test_pictures_are_marked_deleted_and_restored(browser, ada):
    first, second = make_picture(ada, "First"), make_picture(ada, "Second")

    def marked():
        return [each.pk for each in Picture.objects.filter(is_favourite=True)]

    browser.open("/gallery/")
    browser.press("Favourite: “First”", picture=str(second.pk))
    assert (marked(), browser.path) == ([first.pk], f"/gallery/#card-{first.pk}")
    browser.press("Favourite: “First”")
    assert marked() == []
    browser.open(first.get_absolute_url())
    browser.press("Favourite: “First”")
    assert (marked(), browser.path) == ([first.pk], first.get_absolute_url())
    browser.open("/gallery/")
    browser.press("Delete the selected", picture=[str(first.pk), str(second.pk)])
    assert not Picture.objects.exists()
    browser.press("Restore")
    browser.press("Delete the selected", picture=[str(first.pk), str(second.pk)])
    browser.open("/gallery/trash/")
    browser.press("Restore", picture=str(first.pk))
    browser.open("/gallery/trash/")
    browser.press("Delete for good", picture=str(second.pk))
    browser.press("Delete for good")
    wait_until(lambda: list(Picture.with_trash.all()) == [first])  # Its row goes soon after.


@pytest.mark.row("O-127")
def test_conversations_are_taken_away_and_brought_back(browser, ada, talk):
    browser.open("/chat/export/")
    browser.press("Make the ZIP file")
    transfer = ended_transfer(ada)
    browser.open(transfer.get_absolute_url())
    data = Pieces(browser.client.get(browser.page.links["Download"])).rest_of_bytes()
    Conversation.objects.all().delete()
    browser.open("/chat/import/")
    browser.press("Import", file=SimpleUploadedFile("mine.zip", data))
    ended_transfer(ada)
    assert Conversation.objects.get().title == talk.title
