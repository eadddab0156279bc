"""Somebody leaves, or is deleted, while a reply is written: it ends well, and others go on."""

import pytest
from django.test import Client

from apps.chat.models import Conversation, Message
from apps.users.models import User
from tests.chat.talk import Stream, answered, ask, ended, settled
from tests.factories import PASSWORD


@pytest.mark.row("O-069")
def test_a_log_out_in_another_tab_does_not_end_the_reply(ada_client, ada, demo):
    other = Client()
    other.force_login(ada)
    demo.fault = "pause"
    reply = ask(ada_client)
    Stream(ada_client, reply).until_shown("Here are")
    ada_client.logout()
    assert ended(reply).content == "Here are three parts."
    assert ada_client.get(f"/chat/{reply.conversation_id}/").status_code == 302
    assert other.get(f"/chat/{reply.conversation_id}/").status_code == 200


def endings(requests):
    """Return how each has ended; which of two came first nobody knows."""
    return [request["ended"] for request in requests]


@pytest.mark.row("O-112")
def test_a_person_who_is_deleted_leaves_nothing_behind(ada_client, ada, bob_client, demo, caplog):
    """The model is hung up on, the rows are gone, and others notice nothing."""
    demo.fault = "stall"
    reply, others = ask(ada_client), ask(bob_client)
    Stream(ada_client, reply).until_shown("parts.")
    ada.delete()
    demo.wait_for(lambda requests: "client closed" in endings(requests))
    assert not Message.objects.filter(conversation__user=ada.pk).exists()
    assert not Conversation.objects.filter(user_id=ada.pk).exists()
    assert Message.objects.get(pk=others.pk).state == "running"
    assert "Traceback" not in caplog.text


@pytest.mark.row("O-112")
def test_an_account_that_is_deleted_ends_its_replies(ada_client, ada, bob_client, demo, caplog):
    """By the person, who is asked for the password."""
    demo.fault = "stall"
    reply, others = ask(ada_client), ask(bob_client)
    Stream(ada_client, reply).until_shown("parts.")
    response = ada_client.post("/chat/account/delete/", {"password": PASSWORD})
    assert response["Location"] == "/"
    demo.wait_for(lambda requests: "client closed" in endings(requests))
    assert not User.objects.filter(pk=ada.pk).exists()
    assert list(Message.objects.filter(role="assistant")) == [others]
    assert Message.objects.get(pk=others.pk).state == "running"
    assert "Traceback" not in caplog.text


@pytest.mark.row("O-065")
def test_a_conversation_that_is_deleted_ends_its_reply(ada_client, demo, caplog):
    demo.fault = "stall"
    reply = ask(ada_client)
    stream = Stream(ada_client, reply).until_shown("parts.")
    response = ada_client.post(f"/chat/{reply.conversation_id}/delete/")
    assert response["Location"] == f"/chat/?deleted={reply.conversation_id}"
    demo.wait_for(lambda requests: requests[0]["ended"] == "client closed")
    stream.to_the_end()
    assert not Conversation.objects.exists()
    reply = ended(reply)
    assert (reply.state, reply.content) == ("stopped", "Here are three parts.")
    assert "Traceback" not in caplog.text


@pytest.mark.row("O-065")
def test_a_conversation_deleted_in_the_queue_sends_nothing(ada_client, demo, new_pool):
    new_pool(threads=1)
    demo.fault = "silent"
    first, second = ask(ada_client), ask(ada_client)
    demo.wait_for(lambda requests: requests)
    ada_client.post(f"/chat/{second.conversation_id}/delete/")
    ada_client.post(f"/chat/messages/{first.pk}/stop/")
    settled()
    assert len(demo.requests) == 1


def test_the_first_answer_of_two_people_stays_with_each(ada_client, bob_client, demo):
    """Whose words are whose: two people at once."""
    mine, theirs = answered(ada_client, "From Ada"), answered(bob_client, "From Bob")
    assert mine.conversation.user != theirs.conversation.user
    assert "From Ada" in mine.content
    assert "From Bob" in theirs.content
