"""A fork is a conversation that begins with what led to a message."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.chat.conversations import forking
from apps.chat.models import Conversation, Message
from tests.chat.talk import HTMX, answered, ask, newest, page_of, press, shown
from tests.factories import make_conversation, make_message, make_reply

NOT_COPIED = {"id", "conversation_id", "parent_id", "key", "run_id", "lease_until"}


def copied(message):
    row = Message.objects.filter(pk=message.pk).values().get()
    return {name: value for name, value in row.items() if name not in NOT_COPIED}


def branch(conversation):
    messages, message = [], conversation.tip
    while message:
        messages.append(message)
        message = message.parent
    return messages[::-1]


def test_a_fork_copies_the_branch_up_to_the_message(ada_client, ada):
    conversation = make_conversation(ada, "One", title="Tides")
    make_reply(conversation, "Two", model="m-1", completion_tokens=7, run_id=uuid.uuid4())
    make_message(conversation, "Three", key=uuid.uuid4())
    third = newest(conversation)
    make_reply(conversation, "Another two", parent_id=conversation.messages.first().pk)
    conversation.tip = make_reply(
        conversation, "Four", parent_id=third.pk, state="error", error="cut"
    )
    conversation.save(update_fields=["tip"])
    conversation.messages.update(timestamp="2026-01-02T03:04:05Z")

    response = press(ada_client, third, "fork", message="A draft")

    fork = Conversation.objects.latest("pk")
    assert response["Location"] == f"/chat/{fork.pk}/"
    assert (fork.user, fork.title, fork.draft) == (ada, "Tides (2)", "")
    assert [copied(message) for message in branch(fork)] == [
        copied(message) for message in (third.parent.parent, third.parent, third)
    ]
    assert fork.messages.count() == 3
    assert not fork.messages.exclude(key=None, run_id=None).exists()
    assert conversation.messages.count() == 5
    assert page_of(ada_client, third).typed == "A draft"


def test_a_fork_goes_its_own_way(ada_client, demo):
    reply = answered(ada_client, "Question")
    ada_client.post(shown(ada_client, reply).buttons["Fork"])
    fork = Conversation.objects.latest("pk")
    answered(ada_client, "Further", fork)
    sent = [message["content"] for message in demo.requests[-1]["body"]["messages"]]
    assert sent == ["Question", reply.content, "Further"]
    assert "Further" not in page_of(ada_client, reply).text


def test_htmx_is_led_to_the_fork(ada_client, ada):
    conversation = make_conversation(ada, "One", "Two")
    response = press(ada_client, newest(conversation), "fork", headers=HTMX)
    assert response["HX-Redirect"] == f"/chat/{Conversation.objects.latest('pk').pk}/"


def test_what_is_being_written_cannot_be_forked(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client)
    assert press(ada_client, reply, "fork").status_code == 409
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    ("title", "next_title"),
    [
        ("Tides", "Tides (2)"),
        ("Tides (2)", "Tides (3)"),
        ("Tides (9)", "Tides (10)"),
        ("f(x)", "f(x) (2)"),
        ("x" * 200, "x" * 196 + " (2)"),
    ],
)
def test_forks_are_numbered(ada_client, ada, title, next_title):
    conversation = make_conversation(ada, "One", title=title)
    press(ada_client, newest(conversation), "fork")
    assert Conversation.objects.latest("pk").title == next_title


def test_a_longer_conversation_takes_no_more_queries(ada):
    counts = []
    for length in (2, 200):
        conversation = make_conversation(ada, *["Text"] * length)
        with CaptureQueriesContext(connection) as captured:
            fork = forking.fork(newest(conversation))
        assert fork.messages.count() == length
        counts.append(len(captured))
    assert counts[0] == counts[1] < 10
