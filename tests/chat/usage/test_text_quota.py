"""Text has a limit for each person, as files have, and no request costs without a bound."""

import io
import json
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.chat.conversations import forking
from apps.chat.models import Conversation, Message, StoredText
from apps.chat.usage import text_quota
from tests.attacks import hoarding
from tests.chat.talk import answered, ended_transfer, post, press, say, send, settled
from tests.factories import make_conversation, make_message, make_reply
from tests.live_server import ParlorServer, wait_until
from tests.page import Page

FULL = "Your text takes up"


def bytes_of(user):
    """Count the person's messages, beside what is remembered of them."""
    rows = Message.objects.filter(conversation__user=user)
    return sum(len(each.content.encode() + each.reasoning.encode()) for each in rows)


def import_of(client, *texts):
    """Import a conversation of these texts; return its transfer."""
    roles = ("user", "assistant")
    messages = [
        {"parent": number - 1 if number else None, "role": roles[number % 2], "content": text}
        for number, text in enumerate(texts)
    ]
    head = {"format": "parlor-conversation", "version": 1, "id": str(uuid.uuid4())}
    data = json.dumps({**head, "title": "Brought along", "messages": messages}).encode()
    return client.post("/chat/import/", {"file": SimpleUploadedFile("c.json", data)})


@pytest.mark.row("O-147")
def test_what_is_full_takes_nothing_more_and_keeps_what_was_typed(
    ada_client, ada, bob_client, demo, settings
):
    settings.TEXT_PER_PERSON = 5_000
    conversation = make_conversation(ada, "ä" * 1_200, "ö" * 1_200)
    page = Page(say(ada_client, "x" * 300, conversation))
    assert (page.typed, FULL in page.alerts[0]) == ("x" * 300, True)
    assert say(ada_client, "x" * 300).status_code == 409
    fork = press(ada_client, conversation.tip, "fork")
    assert (fork.status_code, FULL in Page(fork).text) == (409, True)
    assert import_of(ada_client, "y" * 300, "z").status_code == 303
    assert ended_transfer(ada).error == "text_full"
    assert bytes_of(ada) == 4_800
    assert say(bob_client, "x" * 300).status_code == 303
    settled()


@pytest.mark.row("O-147")
def test_room_that_is_made_counts_at_once(ada_client, ada, demo, settings):
    settings.TEXT_PER_PERSON = 5_000
    conversation = make_conversation(ada, "a" * 4_990)
    assert say(ada_client, "x" * 300).status_code == 409
    post(ada_client, f"/chat/{conversation.pk}/delete/")
    assert say(ada_client, "x" * 300).status_code == 409  # It can be restored.
    post(ada_client, f"/chat/{conversation.pk}/erase/")
    wait_until(lambda: not Conversation.with_trash.filter(pk=conversation.pk).exists())
    settled()
    assert say(ada_client, "x" * 300).status_code == 303


@pytest.mark.row("O-147")
def test_each_way_in_is_counted(ada_client, ada, demo, settings, media):
    assert text_quota.used_by(ada.pk) == 0
    reply = answered(ada_client, "Hällo")
    press(ada_client, reply, "again")
    settled()
    press(ada_client, Message.objects.latest("pk"), "fork")
    import_of(ada_client, "One", "Two ü")
    ended_transfer(ada)
    send(ada_client, ("notes.txt", b"Notes of mine"), text="With a file")
    settled()
    counted = StoredText.objects.get().size
    StoredText.objects.all().delete()
    assert counted == text_quota.used_by(ada.pk) == bytes_of(ada) + len("Notes of mine")


@pytest.mark.row("O-148")
def test_a_copy_that_costs_much_is_refused(ada_client, ada, monkeypatch):
    monkeypatch.setattr(forking, "MOST_BYTES", 1_000)
    conversation = make_conversation(ada, "a" * 400)
    make_reply(conversation, "b" * 400)
    assert press(ada_client, conversation.tip, "fork").status_code in (302, 303)
    make_message(conversation, "c" * 400)
    response = press(ada_client, conversation.tip, "fork")
    assert response.status_code == 422
    assert "too much to be copied" in Page(response).text
    assert Conversation.objects.count() == 2


@pytest.mark.row("O-148")
def test_copies_have_a_pace(ada_client, ada, settings):
    settings.CHAT_MESSAGES_PER_MINUTE = 2
    conversation = make_conversation(ada, "a", "b")
    statuses = [press(ada_client, conversation.tip, "fork").status_code for _ in range(3)]
    assert statuses[-1] == 429
    assert Conversation.objects.count() == 3


@pytest.mark.row("O-148")
def test_a_zip_file_of_almost_nothing_is_not_unpacked(ada_client, ada, settings):
    settings.IMPORT_UNPACKED_FREE_BYTES = 100_000
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", hoarding.conversations(20, chars=50_000))
    upload = SimpleUploadedFile("c.zip", file.getvalue())
    ada_client.post("/chat/import/", {"file": upload})
    assert ended_transfer(ada).error == "unpacked_too_large"
    assert not Message.objects.exists()


@pytest.mark.row("O-147")
def test_a_hoarder_gets_no_more_than_the_quota(tmp_path):
    with ParlorServer(tmp_path, TEXT_PER_PERSON=2_000_000) as server:
        other = server.person("other")
        answers = hoarding.attack(server.url, chats=20, chars=50_000)
        [[size]] = server.query("SELECT sum(length(content)) FROM chat_message")
        assert 500_000 < size <= 2_000_000
        assert answers["fork", 409] > 0
        with other.ask("Am I served?") as reply:
            assert reply.status == 200
