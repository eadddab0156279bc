"""Conversations in the admin: to look after them, not to read along."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.chat.models import Message
from tests.factories import make_conversation, make_reply, make_user
from tests.page import Page

LONG = "word " * 10_000


def fill(count):
    """Make conversations of so many people."""
    for number in range(count):
        user = make_user(f"person-{number}-of-{count}")
        make_conversation(user, "Question", "Answer", title=f"Title {number}")


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/admin/chat/conversation/", "/admin/chat/message/"])
def test_a_longer_list_takes_no_more_queries(admin_client, path):
    fill(3)
    queries(admin_client, path)  # The first one fills caches.
    few = queries(admin_client, path)
    fill(25)
    assert queries(admin_client, path) == few


def test_a_longer_conversation_takes_no_more_queries(admin_client, admin_user):
    short = make_conversation(admin_user, *["Text"] * 4)
    long = make_conversation(admin_user, *["Text"] * 40)
    path = "/admin/chat/conversation/{}/change/"
    queries(admin_client, path.format(short.pk))
    assert queries(admin_client, path.format(long.pk)) == queries(
        admin_client, path.format(short.pk)
    )


def test_a_list_shows_the_beginning_of_a_text_and_reads_no_more(admin_client, admin_user):
    make_conversation(admin_user, LONG)
    with CaptureQueriesContext(connection) as captured:
        response = admin_client.get("/admin/chat/message/")
    assert "word word" in Page(response).text
    assert "word " * 20 not in Page(response).text
    assert len(response.content) < 50_000
    columns = " ".join(re.split(r"\bFROM\b", sql["sql"])[0] for sql in captured)
    content = r'"chat_message"\."content"'
    beginnings = re.findall(rf"SUBSTR(?:ING)?\({content}", columns)
    assert beginnings
    assert len(beginnings) == len(re.findall(content, columns))


def test_people_and_titles_can_be_searched_for(admin_client, bob):
    make_conversation(bob, "Question", title="About tides")
    make_conversation(make_user("carla"), "Question", title="About bread")
    for path in "conversation", "message":
        for term, found in {"bob": "bob", "bread": "carla"}.items():
            text = Page(admin_client.get(f"/admin/chat/{path}/?q={term}")).text
            assert found in text
            assert ({"bob", "carla"} - {found}).pop() not in text


def test_a_message_can_be_read_and_not_be_changed(admin_client, admin_user):
    conversation = make_conversation(admin_user, "Question")
    reply = make_reply(conversation, "Answer", state="error", error="cut")
    path = f"/admin/chat/message/{reply.pk}/change/"
    page = Page(admin_client.get(path))
    assert "Answer" in page.text
    admin_client.post(path, {"content": "Put into its mouth", "state": "done", "role": "user"})
    assert Message.objects.filter(pk=reply.pk).values("content", "state", "role").get() == {
        "content": "Answer",
        "state": "error",
        "role": "assistant",
    }


def test_markup_of_a_person_is_only_text_in_the_admin(admin_client, admin_user):
    make_conversation(admin_user, "<script>alert(1)</script>", title="<img src=x>")
    for path in "conversation", "message":
        html = admin_client.get(f"/admin/chat/{path}/").content.decode()
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
    conversation = admin_user.conversations.get()
    html = admin_client.get(f"/admin/chat/conversation/{conversation.pk}/change/").content.decode()
    assert "<script>alert" not in html


def test_deleting_in_the_admin_deletes_all_of_it(admin_client, admin_user):
    conversation = make_conversation(admin_user, "Question", "Answer")
    path = f"/admin/chat/conversation/{conversation.pk}/delete/"
    assert admin_client.post(path, {"post": "yes"}).status_code == 302
    assert not Message.objects.exists()
