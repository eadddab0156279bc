"""Regenerate, Try again and Continue make versions; none of them is lost."""

import pytest
from django.db import IntegrityError, transaction

from apps.chat.models import Message
from tests.chat.talk import (
    HTMX,
    answered,
    ask,
    ended,
    newest,
    page_of,
    press,
    say,
    shown,
)
from tests.factories import make_conversation, make_message, make_reply
from tests.page import Page


def again(client, reply):
    """Press Regenerate, and return the row of the ended version."""
    response = press(client, reply, "again")
    assert response.status_code == 303
    return ended(newest(reply.conversation))


def bodies(page):
    return [message.shown for message in page.messages]


@pytest.mark.row("O-066")
def test_regenerate_makes_another_version_and_keeps_the_old_one(ada_client, demo):
    first = answered(ada_client, "Question")
    response = press(ada_client, first, "again")
    second = ended(newest(first.conversation))
    assert response["Location"] == f"/chat/{first.conversation_id}/follow/"
    assert second.parent == first.parent
    assert second.pk != first.pk
    assert Message.objects.get(pk=first.pk).content == first.content
    page = page_of(ada_client, first)
    assert [message.name for message in page.messages] == ["You", "Assistant"]
    assert page.messages[1].element.get("id") == f"message-{second.pk}"
    assert "2 of 2" in page.messages[1].text


@pytest.mark.row("O-066")
def test_regenerate_does_not_send_the_old_answer(ada_client, demo):
    again(ada_client, answered(ada_client, "Question"))
    assert [request["body"]["messages"] for request in demo.requests] == [
        [{"role": "user", "content": "Question"}]
    ] * 2


def test_htmx_gets_the_new_version_in_place_of_the_old(ada_client, demo):
    first = answered(ada_client)
    demo.fault = "silent"
    page = Page(press(ada_client, first, "again", headers=HTMX))
    assert [message.is_busy for message in page.messages] == [True]
    assert "Stop" in page.buttons


def test_previous_and_next_go_through_the_versions(ada_client, demo):
    first = answered(ada_client, "Question")
    second = again(ada_client, first)
    third = again(ada_client, second)

    def position():
        return page_of(ada_client, first).messages[-1]

    assert "3 of 3" in position().text
    assert "Next version" not in position().buttons
    ada_client.post(position().buttons["Previous version"])
    assert "2 of 3" in position().text
    ada_client.post(position().buttons["Previous version"])
    assert "1 of 3" in position().text
    assert "Previous version" not in position().buttons
    assert position().element.get("id") == f"message-{first.pk}"
    ada_client.post(position().buttons["Next version"])
    ada_client.post(position().buttons["Next version"])
    assert position().element.get("id") == f"message-{third.pk}"


def test_showing_a_version_leads_to_it(ada_client, demo):
    first = answered(ada_client)
    again(ada_client, first)
    response = press(ada_client, first, "show")
    assert response.status_code == 303
    assert response["Location"] == f"/chat/{first.conversation_id}/#message-{first.pk}"


def test_each_version_has_its_own_continuation(ada_client, demo):
    """A version is shown with what was said after it, and nothing is taken from the others."""
    first = answered(ada_client, "Question")
    after_first = answered(ada_client, "After the first", first.conversation)
    second = again(ada_client, first)
    assert "After the first" not in page_of(ada_client, first).text
    answered(ada_client, "After the second", first.conversation)
    press(ada_client, first, "show")
    assert page_of(ada_client, first).messages[-1].element.get("id") == f"message-{after_first.pk}"
    assert "After the second" not in page_of(ada_client, first).text
    press(ada_client, second, "show")
    assert "After the second" in page_of(ada_client, first).text


def test_the_model_sees_the_branch_that_is_shown(ada_client, demo):
    first = answered(ada_client, "Question")
    demo.fault = "refusal"
    again(ada_client, first)
    demo.fault = None
    press(ada_client, first, "show")
    answered(ada_client, "Further", first.conversation)
    sent = [message["content"] for message in demo.requests[-1]["body"]["messages"]]
    assert sent == ["Question", first.content, "Further"]


def test_an_earlier_reply_can_be_regenerated(ada_client, demo):
    first = answered(ada_client, "Question")
    last = answered(ada_client, "Further", first.conversation)
    again(ada_client, first)
    assert [m["content"] for m in demo.requests[-1]["body"]["messages"]] == ["Question"]
    assert Message.objects.filter(pk=last.pk).exists()
    assert len(page_of(ada_client, first).messages) == 2


def test_try_again_answers_what_has_failed(ada_client, demo):
    demo.fault = "500"
    failed = answered(ada_client, "Question")
    assert "Try again" in shown(ada_client, failed).buttons
    demo.fault = None
    reply = again(ada_client, failed)
    assert reply.state == "done"
    assert reply.parent == failed.parent
    failed.refresh_from_db()
    assert (failed.state, failed.error) == ("error", "unavailable")


def test_try_again_sends_nothing_of_a_part_that_was_cut(ada_client, demo):
    demo.fault = "cut"
    failed = answered(ada_client, "Question")
    demo.fault = None
    again(ada_client, failed)
    assert demo.requests[-1]["body"]["messages"] == [{"role": "user", "content": "Question"}]


@pytest.mark.row("O-032")
@pytest.mark.parametrize("fault", ["length", "cut"])
def test_continue_goes_on_in_a_new_version(ada_client, demo, fault):
    demo.fault = fault
    begun = answered(ada_client, "Question")
    demo.fault = None
    response = ada_client.post(shown(ada_client, begun).buttons["Continue"])
    assert response.status_code == 303
    whole = ended(newest(begun.conversation))
    assert whole.state == "done"
    assert whole.content.startswith("Here are three parts.")
    assert len(whole.content) > len(begun.content)
    assert whole.parent == begun.parent
    begun.refresh_from_db()
    assert begun.content == "Here are three parts."
    sent = demo.requests[-1]["body"]["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[1]["content"] == "Here are three parts."
    assert "2 of 2" in shown(ada_client, whole).text


def test_a_continuation_that_fails_keeps_what_there_was(ada_client, demo):
    demo.fault = "length"
    begun = answered(ada_client)
    demo.fault = "500"
    press(ada_client, begun, "continue")
    failed = ended(newest(begun.conversation))
    assert (failed.state, failed.error) == ("error", "unavailable")
    assert failed.content == "Here are three parts."


def test_a_continuation_that_is_stopped_keeps_what_there_was(ada_client, demo):
    demo.fault = "length"
    begun = answered(ada_client)
    demo.fault = "silent"
    press(ada_client, begun, "continue")
    press(ada_client, newest(begun.conversation), "stop")
    stopped = newest(begun.conversation)
    assert (stopped.state, stopped.content) == ("stopped", "Here are three parts.")


def test_a_continuation_shows_what_there_was_from_the_start(ada_client, demo):
    demo.fault = "length"
    begun = answered(ada_client)
    demo.fault = "silent"
    press(ada_client, begun, "continue")
    article = page_of(ada_client, begun).messages[-1]
    assert article.is_busy
    assert "Here are three parts." in article.shown


@pytest.mark.row("O-067")
@pytest.mark.parametrize("action", ["again", "continue"])
@pytest.mark.parametrize("headers", [None, HTMX])
def test_there_are_never_two_replies_on_the_way(ada_client, demo, action, headers):
    first = answered(ada_client)
    demo.fault = "silent"
    press(ada_client, first, "again")
    response = press(ada_client, first, action, headers=headers)
    assert response.status_code == 409
    assert "Wait for the reply" in Page(response).text
    assert Page(response).all("section[@class='error-page']")
    assert Message.objects.in_progress().count() == 1


@pytest.mark.row("O-067")
def test_the_database_forbids_a_second_reply_on_the_way(ada):
    conversation = make_conversation(ada, "Question")
    make_reply(conversation, state="running")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_reply(conversation, state="queued")


def test_the_database_forbids_an_unfinished_question(ada):
    conversation = make_conversation(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_message(conversation, "Question", state="running")


@pytest.mark.parametrize("action", ["again", "continue", "show", "stop"])
def test_what_stands_in_the_composer_survives_every_button(ada_client, ada, demo, action):
    conversation = make_conversation(ada, "Question", "Answer")
    demo.fault = "silent"
    press(ada_client, newest(conversation), action, message="Half a thou\r\nght")
    assert page_of(ada_client, newest(conversation)).typed == "Half a thou\nght"


def test_a_draft_survives_a_button_that_is_refused(ada_client, demo):
    reply = answered(ada_client)
    demo.fault = "silent"
    press(ada_client, reply, "again")
    assert press(ada_client, reply, "again", message="Typed").status_code == 409
    assert page_of(ada_client, reply).typed == "Typed"


def test_another_version_can_be_shown_while_one_is_written(ada_client, demo):
    """And the way back to what is written, with Stop, stays open."""
    first = answered(ada_client)
    demo.fault = "silent"
    press(ada_client, first, "again")
    growing = newest(first.conversation)
    press(ada_client, first, "show")
    page = page_of(ada_client, first)
    assert page.messages[-1].element.get("id") == f"message-{first.pk}"
    assert say(ada_client, "More", first.conversation).status_code == 409
    press(ada_client, growing, "show")
    assert "Stop" in page_of(ada_client, first).composer_buttons


@pytest.mark.parametrize("action", ["again", "continue"])
def test_what_a_person_wrote_has_no_versions_of_the_model(ada_client, ada, action):
    conversation = make_conversation(ada, "Question", "Answer")
    question = conversation.messages.first()
    assert press(ada_client, question, action).status_code == 404


def test_a_long_branch_is_shown_a_page_at_a_time(ada_client, ada, settings):
    settings.CHAT_PAGE_SIZE = 4
    conversation = make_conversation(ada, *[f"Text {number}" for number in range(10)])
    page = page_of(ada_client, newest(conversation))
    assert bodies(page) == ["Text 6", "Text 7", "Text 8", "Text 9"]
    page = Page(ada_client.get(page.links["Earlier messages"]))
    assert bodies(page) == ["Text 2", "Text 3", "Text 4", "Text 5"]
    assert page.links["Newest messages"] == f"/chat/{conversation.pk}/"
    page = Page(ada_client.get(page.links["Earlier messages"]))
    assert bodies(page) == ["Text 0", "Text 1"]
    assert "Earlier messages" not in page.links


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 12, "9" * 40, "9" * 5000, "²"])
def test_an_earlier_page_that_is_none_is_not_found(ada_client, ada, before):
    conversation = make_conversation(ada, "Question")
    assert ada_client.get(f"/chat/{conversation.pk}/?before={before}").status_code == 404


def test_showing_a_page_takes_the_same_queries_for_any_length(
    ada_client, ada, django_assert_max_num_queries
):
    conversation = make_conversation(ada, *[f"Text {number}" for number in range(40)])
    ada_client.get(f"/chat/{conversation.pk}/")
    with django_assert_max_num_queries(11):  # One is for announcements, here on each page.
        ada_client.get(f"/chat/{conversation.pk}/")


def test_asked_again_after_stop(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client, "Question")
    press(ada_client, reply, "stop")
    demo.fault = None
    assert "Try again" in shown(ada_client, reply).buttons
    assert again(ada_client, reply).state == "done"
