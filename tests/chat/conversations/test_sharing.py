"""A link with which anybody can read a conversation as it was, until it is revoked."""

import hashlib
import re

import pytest

from apps.chat.models import Share
from tests.chat.talk import answered, ask, newest, post
from tests.factories import make_attachment, make_conversation, make_message, make_reply
from tests.page import Page


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "Why *tides*?", "Because of the **moon**.", title="Tides")


def share(client, conversation):
    """Make a link, and return its path as the page shows it."""
    response = client.post(f"/chat/{conversation.pk}/share/")
    assert response.status_code == 303
    page = Page(client.get("/chat/shares/"))
    assert page.named(response["Location"].split("#")[1]) is not None
    links = [link for link in page.links.values() if "/chat/shared/" in link]
    return re.sub("^http://[^/]*", "", links[0])


@pytest.mark.row("O-111")
def test_a_link_shows_the_conversation_to_anybody(ada_client, client, conversation, ada):
    conversation.user.display_name = "Ada Lovelace"
    conversation.user.save()
    assert "Share" in Page(ada_client.get(f"/chat/{conversation.pk}/")).links
    assert "2 messages" in Page(ada_client.get(f"/chat/{conversation.pk}/share/")).text
    path = share(ada_client, conversation)
    client.logout()
    response = client.get(path)
    assert response.status_code == 200
    page = Page(response)
    assert [message.shown for message in page.messages] == [
        "Why *tides*?",
        "Because of the moon.",
    ]
    assert page.alerts == []
    assert not page.buttons
    assert not page.all("form")
    assert not page.all("script")
    assert "Lovelace" not in page.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert page.all("meta[@name='robots']")[0].get("content") == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies


@pytest.mark.row("O-111")
def test_a_link_names_files_and_gives_none(ada_client, client, conversation, media):
    make_attachment(newest(conversation).parent, "photo.png")
    page = Page(client.get(share(ada_client, conversation)))
    assert "photo.png" in page.text
    assert not page.all("img")
    assert not any("attachments" in link for link in page.links.values())


@pytest.mark.row("O-111")
def test_a_link_shows_what_was_there_when_it_was_made(ada_client, client, demo, conversation):
    """Neither what is said later nor another version nor another title."""
    path = share(ada_client, conversation)
    answered(ada_client, "And later?", conversation)
    question = conversation.messages.first()
    conversation.tip = question
    make_reply(conversation, "Another version.")
    conversation.title = "Another title"
    conversation.save()
    page = Page(client.get(path))
    assert [message.shown for message in page.messages][1:] == ["Because of the moon."]
    assert "Another" not in page.text


@pytest.mark.row("O-111")
def test_a_revoked_link_leads_nowhere_at_once(ada_client, client, conversation):
    path = share(ada_client, conversation)
    row = Share.objects.get()
    assert "Revoke" in Page(ada_client.get("/chat/shares/")).buttons
    assert post(ada_client, f"/chat/shares/{row.pk}/revoke/").status_code == 303
    response = client.get(path)
    assert response.status_code == 404
    assert "Tides" not in response.content.decode()
    assert "Tides" not in Page(ada_client.get("/chat/shares/")).text
    assert share(ada_client, conversation) != path
    assert client.get(path).status_code == 404


@pytest.mark.row("O-111")
def test_nobody_can_guess_a_link_and_no_row_holds_it(ada_client, client, conversation):
    """At least 128 bits, of which only a hash is stored."""
    token = share(ada_client, conversation).split("/")[-2]
    assert re.fullmatch(r"[\w-]{32}", token)
    row = Share.objects.get()
    assert token not in str(vars(row))
    for guess in (row.nonce, row.token_hash, token[:-1], token.swapcase(), str(row.pk), "%00", "é"):
        assert client.get(f"/chat/shared/{guess}/").status_code == 404


def test_a_link_is_the_same_until_there_is_more_to_share(ada_client, conversation):
    first = share(ada_client, conversation)
    assert share(ada_client, conversation) == first
    make_message(conversation, "More")
    assert share(ada_client, conversation) != first
    assert Share.objects.count() == 2


def test_a_reply_on_its_way_is_not_shared(ada_client, client, demo):
    demo.fault = "silent"
    reply = ask(ada_client, "Hello?")
    assert "being written" in Page(ada_client.get(f"/chat/{reply.conversation_id}/share/")).text
    page = Page(client.get(share(ada_client, reply.conversation)))
    assert [message.shown for message in page.messages] == ["Hello?"]


def test_an_empty_conversation_cannot_be_shared(ada_client, ada):
    empty = make_conversation(ada)
    assert "Make a link" not in Page(ada_client.get(f"/chat/{empty.pk}/share/")).buttons
    assert ada_client.post(f"/chat/{empty.pk}/share/").status_code == 409


def test_a_link_ends_with_its_conversation_and_with_its_person(ada_client, client, conversation):
    path = share(ada_client, conversation)
    conversation.user.is_active = False
    conversation.user.save()
    assert client.get(path).status_code == 404
    conversation.user.is_active = True
    conversation.user.save()
    client.force_login(conversation.user)
    assert client.get(path).status_code == 200
    conversation.delete()
    assert client.get(path).status_code == 404


def test_a_long_conversation_is_shared_in_pages(ada_client, client, ada, settings):
    settings.CHAT_PAGE_SIZE = 2
    conversation = make_conversation(ada, "one", "two", "three", "four", "five")
    path = share(ada_client, conversation)
    page = Page(client.get(path))
    assert [message.shown for message in page.messages] == ["one", "two"]
    page = Page(client.get(path + page.links["Later messages"]))
    assert [message.shown for message in page.messages] == ["three", "four"]
    page = Page(client.get(path + "?page=99"))
    assert [message.shown for message in page.messages] == ["five"]


def test_another_key_of_the_server_keeps_links_alive(ada_client, client, conversation, settings):
    path = share(ada_client, conversation)
    settings.SECRET_KEY = "another key, made after the old one was lost, and long enough"
    assert client.get(path).status_code == 200
    client.force_login(conversation.user)
    page = Page(client.get("/chat/shares/"))
    assert "can no longer be shown" in page.text
    assert "Revoke" in page.buttons


def test_a_link_that_an_older_version_has_made_is_shown(ada_client, conversation, settings):
    settings.SECRET_KEY = "the-key-of-an-older-server-0123456789-0123456789-01"
    token = "TIQ3NbeDfqvOYwtbly2Ku_XjjUANuK1p"
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    conversation.shares.create(
        tip=conversation.tip, title="Old", nonce="abcdefgh", token_hash=token_hash
    )
    ada_client.force_login(conversation.user)
    assert f"/chat/shared/{token}/" in ada_client.get("/chat/shares/").content.decode()


def test_without_sharing_there_are_no_such_pages(ada_client, client, conversation, settings):
    path = share(ada_client, conversation)
    settings.SHARING = False
    row = Share.objects.get()
    assert client.get(path).status_code == 404
    assert ada_client.get("/chat/shares/").status_code == 404
    assert ada_client.post(f"/chat/{conversation.pk}/share/").status_code == 404
    assert post(ada_client, f"/chat/shares/{row.pk}/revoke/").status_code == 404
    assert "Share" not in Page(ada_client.get(f"/chat/{conversation.pk}/")).links
    assert "Shared links" not in Page(ada_client.get("/users/profile/")).links


def test_the_secret_of_a_link_is_not_logged(ada_client, client, conversation, caplog):
    path = share(ada_client, conversation)
    caplog.clear()
    with caplog.at_level("INFO"):
        client.get(path)
    assert "/chat/shared/-/" in caplog.text
    assert path.split("/")[-2] not in caplog.text


def test_the_same_words_as_in_the_chat(ada_client, client, demo):
    """I9"""
    reply = answered(ada_client, "Show me everything")
    shared = Page(client.get(share(ada_client, reply.conversation)))
    own = Page(ada_client.get(f"/chat/{reply.conversation_id}/"))
    assert shared.messages[-1].shown == own.messages[-1].shown
    assert newest(reply.conversation) == reply
