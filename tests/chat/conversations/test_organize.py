"""Names, pins, the archive and tags: how a person keeps order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.chat.conversations.listing import list_conversations
from apps.chat.models import Conversation, Tag
from tests.chat.talk import HTMX, page_of, post
from tests.factories import make_conversation
from tests.page import Page, words


def groups(user, **fields):
    return {
        group.name: [row.title for row in group.conversations]
        for group in list_conversations(user, **fields)[1]
    }


def rename(client, conversation, title):
    return client.post(f"/chat/{conversation.pk}/rename/", {"title": title})


def test_a_conversation_is_renamed(ada_client, ada):
    conversation = make_conversation(ada, "Question", title="Old")
    page = Page(ada_client.get(f"/chat/{conversation.pk}/rename/"))
    assert page.all("input[@name='title']")[0].get("value") == "Old"
    assert "Rename" in page.buttons
    response = rename(ada_client, conversation, "  A \x00 new\nname ")
    assert response["Location"] == f"/chat/{conversation.pk}/"
    conversation.refresh_from_db()
    assert (conversation.title, conversation.named_by_person) == ("A new name", True)


@pytest.mark.parametrize("title", ["", " \n ", "x" * 201])
def test_a_name_that_cannot_be_is_refused_and_stays_typed(ada_client, ada, title):
    conversation = make_conversation(ada, title="Old")
    response = rename(ada_client, conversation, title)
    assert response.status_code == 422
    assert Page(response).alerts
    assert title.strip() in response.content.decode()
    conversation.refresh_from_db()
    assert (conversation.title, conversation.named_by_person) == ("Old", False)


def test_a_new_name_does_not_move_the_conversation(ada_client, ada, noon):
    first, _second = make_conversation(ada, title="First"), make_conversation(ada, title="Second")
    rename(ada_client, first, "Renamed")
    assert groups(ada) == {"Today": ["Second", "Renamed"]}


def test_pinned_conversations_come_first(ada_client, ada, noon):
    first, _second = make_conversation(ada, title="First"), make_conversation(ada, title="Second")
    response = ada_client.post(f"/chat/{first.pk}/pin/")
    assert response["Location"] == f"/chat/{first.pk}/"
    assert groups(ada) == {"Pinned": ["First"], "Today": ["Second"]}
    assert "Unpin" in Page(ada_client.get(f"/chat/{first.pk}/")).buttons
    ada_client.post(f"/chat/{first.pk}/unpin/")
    assert groups(ada) == {"Today": ["Second", "First"]}


def test_an_archived_conversation_leaves_the_list_and_goes_on(ada_client, ada, noon):
    conversation = make_conversation(ada, "Question", title="Precious")
    ada_client.post(f"/chat/{conversation.pk}/archive/")
    assert groups(ada) == {}
    assert "Unarchive" in Page(ada_client.get(f"/chat/{conversation.pk}/")).buttons
    page = Page(ada_client.get("/chat/archive/"))
    assert page.links["Precious"] == f"/chat/{conversation.pk}/"
    response = ada_client.post(f"/chat/{conversation.pk}/unarchive/", {"from_archive": "1"})
    assert response["Location"] == "/chat/archive/"
    assert groups(ada) == {"Today": ["Precious"]}


def test_htmx_gets_the_opposite_button_and_the_list(ada_client, ada):
    conversation = make_conversation(ada, "Question", title="Precious")
    response = post(ada_client, f"/chat/{conversation.pk}/pin/", headers=HTMX, message="Typed")
    page = Page(response)
    assert list(page.buttons) == ["Unpin"]
    assert "Pinned" in words(page.named("conversations"))
    assert page_of(ada_client, conversation.messages.get()).typed == "Typed"


def test_tags_are_written_ticked_and_taken_off(ada_client, ada):
    one, other = make_conversation(ada, title="One"), make_conversation(ada, title="Other")
    path = f"/chat/{one.pk}/tags/"
    response = ada_client.post(path, {"new": " work,  Lisbon trip,work, WORK, "})
    assert response["Location"] == f"/chat/{one.pk}/"
    assert set(Tag.objects.values_list("name", flat=True)) == {"Lisbon trip", "WORK"}
    ada_client.post(f"/chat/{other.pk}/tags/", {"new": "work"})
    assert Tag.objects.count() == 2
    page = Page(ada_client.get(path))
    ticked = {
        box.get("value"): "checked" in box.attrib for box in page.all("input[@type='checkbox']")
    }
    assert ticked == {"Lisbon trip": True, "WORK": True}
    ada_client.post(path, {"tags": ["WORK"]})
    assert list(one.tags.values_list("name", flat=True)) == ["WORK"]
    assert not Tag.objects.filter(name="Lisbon trip").exists()


def test_the_list_shows_the_conversations_of_a_tag(ada_client, ada, bob):
    tagged = make_conversation(ada, title="Tagged")
    make_conversation(ada, title="Untagged")
    ada_client.post(f"/chat/{tagged.pk}/tags/", {"new": "a & b"})
    link = Page(ada_client.get("/chat/")).links["a & b"]
    page = Page(ada_client.get(link))
    assert "Tagged" in page.text
    assert "Untagged" not in page.text
    assert ada_client.get("/chat/?tag=none").status_code == 404


def test_tags_are_ones_own(ada_client, bob_client, ada, bob):
    mine, theirs = make_conversation(ada), make_conversation(bob)
    ada_client.post(f"/chat/{mine.pk}/tags/", {"new": "secret"})
    assert bob_client.get("/chat/?tag=secret").status_code == 404
    assert "secret" not in Page(bob_client.get(f"/chat/{theirs.pk}/tags/")).text
    bob_client.post(f"/chat/{theirs.pk}/tags/", {"tags": ["secret"]})
    assert not theirs.tags.exists()
    bob_client.post(f"/chat/{theirs.pk}/tags/", {"new": "secret"})
    assert Tag.objects.filter(name="secret").count() == 2


@pytest.mark.parametrize("new", ["x" * 51, ",".join(f"tag {number}" for number in range(21))])
def test_tags_that_are_too_long_or_too_many_are_refused(ada_client, ada, new):
    conversation = make_conversation(ada)
    response = ada_client.post(f"/chat/{conversation.pk}/tags/", {"new": new})
    assert response.status_code == 422
    assert new in response.content.decode()
    assert not Tag.objects.exists()


@pytest.mark.parametrize("path", ["/chat/", "/chat/archive/"])
def test_lists_take_the_same_queries_for_any_length(ada_client, ada, path):
    counts = []
    for _ in range(2):
        for number in range(12):
            conversation = make_conversation(ada, "Question", is_archived=bool(number % 2))
            ada_client.post(f"/chat/{conversation.pk}/tags/", {"new": f"tag {number}"})
        ada_client.get(path)  # What is kept in the cache is read now and then.
        with CaptureQueriesContext(connection) as queries:
            ada_client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Conversation.objects.count() == 24
