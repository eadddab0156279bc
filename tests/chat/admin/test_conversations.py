"""Conversations in the admin: to look after them, not to read along."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.functions import Now
from django.test.client import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.chat.models import Allowance, Message, UsageRecord
from tests.chat.talk import Stream, ask
from tests.factories import make_conversation, make_reply, make_user
from tests.live_server import wait_until
from tests.page import Page, words

LONG = "word " * 10_000


def fill(count):
    """Make conversations of so many people."""
    for number in range(count):
        user = make_user(f"person-{number}-of-{count}")
        make_conversation(user, "Question", "Answer", title=f"Title {number}")


def listed(response):
    """Return the words of the list itself, without the filters beside it."""
    return words(Page(response).all("table[@id='result_list']")[0])


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


@pytest.mark.row("O-157")
@pytest.mark.any_engine
def test_the_list_of_messages_neither_shows_nor_reads_what_they_say(admin_client, admin_user):
    make_conversation(admin_user, LONG)
    with CaptureQueriesContext(connection) as captured:
        response = admin_client.get("/admin/chat/message/")
    assert "word word" not in Page(response).text
    assert len(response.content) < 50_000
    columns = " ".join(re.split(r"\bFROM\b", sql["sql"])[0] for sql in captured)
    assert '"chat_message"."content"' not in columns


def test_people_and_titles_can_be_searched_for(admin_client, bob):
    make_conversation(bob, "Question", title="About tides")
    make_conversation(make_user("carla"), "Question", title="About bread")
    searches = {"conversation": {"bob": "bob", "bread": "carla"}, "message": {"bob": "bob"}}
    for path, terms in searches.items():
        for term, found in terms.items():
            text = listed(admin_client.get(f"/admin/chat/{path}/?q={term}"))
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


# Who may read along.


@pytest.fixture
def helper_client(bob):
    """A member of staff without any permission yet."""
    client = Client()
    helper = make_user("helper", is_staff=True)
    client.force_login(helper)
    client.user = helper
    return client


def allow(person, *names):
    person.user_permissions.add(*Permission.objects.filter(codename__in=names))


def opened():
    return LogEntry.objects.values_list("user__username", "object_id", "change_message")


@pytest.mark.row("O-113")
@pytest.mark.parametrize("kind", ["conversation", "message"])
def test_what_people_said_is_opened_by_permission_only_and_that_is_logged(helper_client, bob, kind):
    conversation = make_conversation(bob, "Between us", title="My secret")
    row = conversation if kind == "conversation" else conversation.messages.get()
    path = f"/admin/chat/{kind}/{row.pk}/change/"
    assert helper_client.get(path).status_code == 403
    assert not opened()
    allow(helper_client.user, f"view_{kind}", "view_message")
    assert "Between us" in Page(helper_client.get(path)).text
    assert list(opened()) == [("helper", str(row.pk), "Opened.")]
    assert "secret" not in LogEntry.objects.get().object_repr
    assert "Opened." in Page(helper_client.get(f"/admin/chat/{kind}/{row.pk}/history/")).text


# Replies that hang.


def test_replies_in_progress_are_listed_and_stopped(admin_client, bob, ada_client, demo):
    demo.fault = "silent"
    running = ask(ada_client)
    wait_until(lambda: demo.requests)
    past = Now() - timedelta(minutes=1)
    stuck = make_reply(make_conversation(bob), "Half", state="running", lease_until=past)
    done = make_reply(make_conversation(bob), "Whole")
    listed = {"yes": {running, stuck}, "stuck": {stuck}, "": {running, stuck, done}}
    for progress, replies in listed.items():
        path = f"/admin/chat/message/?progress={progress}&role__exact=assistant"
        found = admin_client.get(path).context["cl"].queryset
        assert set(found) == replies
    fields = {"action": "stop_replies", "_selected_action": [running.pk, stuck.pk, done.pk]}
    page = Page(admin_client.post("/admin/chat/message/", fields, follow=True))
    assert "2 replies were stopped." in page.text
    states = {reply: Message.objects.get(pk=reply.pk).state for reply in (running, stuck, done)}
    assert states == {running: "stopped", stuck: "stopped", done: "done"}
    demo.wait_for(lambda requests: requests[-1]["ended"] == "client closed")


def test_a_reply_of_a_conversation_that_staff_delete_is_booked(admin_client, ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    Stream(ada_client, reply).until_shown("Here are").close()
    path = f"/admin/chat/conversation/{reply.conversation_id}/delete/"
    admin_client.post(path, {"post": "yes"})
    assert UsageRecord.objects.get().outcome == "stopped"


# Usage.


def book(user, tokens, **fields):
    fields = {"purpose": "reply", "model": "m", "outcome": "done", "cost": "0.5", **fields}
    return UsageRecord.objects.create(
        user=user, prompt_tokens=tokens, completion_tokens=0, seconds=1, **fields
    )


def test_usage_is_found_and_not_changed(admin_client, bob):
    record = book(bob, 77)
    book(make_user("carla"), 88)
    text = listed(admin_client.get("/admin/chat/usagerecord/?q=bob"))
    assert "77" in text
    assert "carla" not in text
    assert admin_client.get(f"/admin/chat/usagerecord/{record.pk}/change/").status_code == 200
    assert admin_client.get("/admin/chat/usagerecord/add/").status_code == 403
    for action in "change", "delete":
        path = f"/admin/chat/usagerecord/{record.pk}/{action}/"
        assert admin_client.post(path, {"post": "yes", "prompt_tokens": 1}).status_code == 403


def test_usage_by_person_is_of_this_month(admin_client, bob, ada):
    book(ada, 10)
    book(bob, 1000)
    old = book(bob, 5000)
    UsageRecord.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    response = admin_client.get("/admin/chat/usagebyperson/")
    people = [
        (each.username, each.tokens, each.cost) for each in response.context["cl"].result_list
    ]
    assert people[:2] == [("bob", 1000, Decimal("0.5")), ("ada", 10, Decimal("0.5"))]
    records = Page(response).links["Show"]
    assert admin_client.get(records).status_code == 200


@pytest.mark.parametrize("path", ["usagerecord", "usagebyperson", "allowance"])
def test_a_longer_account_takes_no_more_queries(admin_client, path):
    def fill(count):
        for number in range(count):
            user = make_user(f"{path}-{number}-of-{count}")
            book(user, 1)
            Allowance.objects.create(user=user)

    fill(3)
    queries(admin_client, f"/admin/chat/{path}/")
    few = queries(admin_client, f"/admin/chat/{path}/")
    fill(25)
    assert queries(admin_client, f"/admin/chat/{path}/") == few
