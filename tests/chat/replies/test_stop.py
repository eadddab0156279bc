"""Stop ends a reply at once, whatever it is doing, and keeps what has arrived."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.chat.models import Message
from apps.chat.replies import results, runs
from apps.chat.replies.streaming import follow
from tests.chat.invariants import check_all
from tests.chat.talk import HTMX, Stream, answered, ask, ended, page_of, press, say, settled, shown
from tests.factories import make_conversation, make_reply
from tests.live_server import wait_until
from tests.page import Page
from tests.upstream import DONE, PATIENCE, STOP, Upstream, hang, head, part, until

THREE = "Here are three parts."


def stopped_at_part_3(client, demo):
    demo.fault = "stall"
    reply = ask(client)
    stream = Stream(client, reply).until_shown(THREE)
    response = press(client, reply, "stop")
    stream.to_the_end()
    return response, Message.objects.get(pk=reply.pk)


@pytest.mark.row("O-062")
def test_stop_keeps_what_has_arrived(ada_client, demo):
    response, reply = stopped_at_part_3(ada_client, demo)
    assert response.status_code == 303
    assert response["Location"] == f"/chat/{reply.conversation_id}/"
    assert (reply.state, reply.content, reply.error) == ("stopped", THREE, "")
    assert reply.finished_at is not None
    article = shown(ada_client, reply)
    assert article.state == "stopped"
    assert "Stopped" in article.text
    assert "Try again" in article.buttons


@pytest.mark.row("O-062")
def test_stop_hangs_up_on_the_service_and_frees_the_thread(ada_client, demo):
    _, reply = stopped_at_part_3(ada_client, demo)
    demo.wait_for(lambda requests: requests[-1]["ended"] == "client closed")
    check_all(ada_client, demo, reply, "Hello")


@pytest.mark.row("O-062")
def test_what_is_shown_while_stop_waits_for_the_database_is_kept(ada_client, settings):
    go = threading.Event()
    with Upstream([head(), part("Before"), until(go), part(" and after"), hang]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        stream = Stream(ada_client, reply).until_shown("Before")

        def write_more(execute, sql, params, *arguments):
            if sql.startswith("UPDATE") and "running" in params and not go.is_set():
                go.set()
                stream.until_shown("Before and after")
            return execute(sql, params, *arguments)

        with connection.execute_wrapper(write_more):
            press(ada_client, reply, "stop")
        stream.to_the_end()
    row = Message.objects.get(pk=reply.pk)
    assert (row.state, row.content) == ("stopped", "Before and after")


@pytest.mark.row("O-062")
def test_nobody_sees_a_reply_running_before_its_writer_can_be_stopped(
    ada_client, demo, monkeypatch
):
    states, begin = [], runs.begin

    def look(reply, run_id):
        seen = Message.objects.filter(pk=reply.pk).values_list("state", flat=True)
        with ThreadPoolExecutor() as another:
            states.append(another.submit(lambda: (seen.get(), connection.close())[0]).result())
        return begin(reply, run_id)

    monkeypatch.setattr(runs, "begin", look)
    answered(ada_client)
    assert states == ["queued"]


def test_htmx_gets_the_stopped_reply_and_a_composer_without_stop(ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    Stream(ada_client, reply).until_shown(THREE)
    page = Page(press(ada_client, reply, "stop", headers=HTMX))
    assert [(message.state, message.shown) for message in page.messages] == [("stopped", THREE)]
    assert [list(page.buttons)[place] for place in (0, -1)] == ["Continue", "Send"]
    assert "Stop" not in page.buttons


@pytest.mark.row("O-064")
def test_stop_before_the_first_word_leaves_nothing_for_the_model(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client, "First question")
    demo.wait_for(lambda requests: requests)
    press(ada_client, reply, "stop")
    row = Message.objects.get(pk=reply.pk)
    assert (row.state, row.content) == ("stopped", "")
    demo.fault = None
    answered(ada_client, "Second question", reply.conversation)
    assert demo.requests[-1]["body"]["messages"] == [
        {"role": "user", "content": "First question\n\nSecond question"}
    ]


@pytest.mark.row("O-064")
def test_stop_in_the_queue_means_that_nothing_is_sent(ada_client, demo, new_pool):
    new_pool(threads=1)
    demo.fault = "silent"
    first, second = ask(ada_client), ask(ada_client)
    demo.wait_for(lambda requests: requests)
    press(ada_client, second, "stop")
    assert Message.objects.get(pk=second.pk).state == "stopped"
    press(ada_client, first, "stop")
    settled()
    assert len(demo.requests) == 1
    assert Message.objects.get(pk=second.pk).state == "stopped"


def test_stop_while_the_service_is_busy_ends_the_wait(ada_client, demo, settings):
    settings.OPENAI_RETRY_SECONDS = (30, 30)
    demo.fault = "500"
    reply = ask(ada_client)
    demo.wait_for(lambda requests: requests)
    press(ada_client, reply, "stop")
    settled()
    assert ended(reply).state == "stopped"


@pytest.mark.parametrize("state", ["done", "error", "stopped", "interrupted"])
def test_stop_does_nothing_to_a_reply_that_has_ended(ada_client, ada, state):
    """I5"""
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Whole", state=state, error="cut" if state == "error" else "")
    before = Message.objects.filter(pk=reply.pk).values().get()
    press(ada_client, reply, "stop")
    assert Message.objects.filter(pk=reply.pk).values().get() == before


def test_a_stopped_reply_stays_as_it_was_whatever_comes_late(ada_client, settings):
    """I5: the service goes on although it was hung up on."""
    late = threading.Event()
    with Upstream([head(), part("Kept"), until(late), part(" late"), STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        Stream(ada_client, reply).until_shown("Kept")
        run = runs._writing[reply.pk]
        Message.objects.filter(pk=reply.pk).update(state="stopped", content="Kept")
        late.set()
        wait_until(lambda: reply.pk not in runs._writing)
        run.finish(results.Result(Message.State.DONE))
    row = Message.objects.get(pk=reply.pk)
    assert (row.state, row.content) == ("stopped", "Kept")


@pytest.mark.row("O-063")
def test_stop_in_the_moment_of_the_end_gives_one_of_the_two(ada_client, ada, settings):
    """Done or stopped, with all that had arrived, and never an error."""
    with Upstream([head(), part("All "), part("of it"), STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        conversation = make_conversation(ada)
        for _ in range(100):
            reply = ask(ada_client, "Race", conversation)
            press(ada_client, reply, "stop")
            row = ended(reply)
            assert row.state in ("done", "stopped")
            assert row.error == ""
            assert row.content in ("", "All ", "All of it")
            assert row.state == "stopped" or row.content == "All of it"
            wait_until(lambda pk=row.pk: pk not in runs._writing)
            assert Message.objects.filter(pk=row.pk).values("state", "content").get() == {
                "state": row.state,
                "content": row.content,
            }


def test_the_conversation_goes_on_after_a_stop(ada_client, demo):
    """I8"""
    _, reply = stopped_at_part_3(ada_client, demo)
    demo.fault = None
    assert answered(ada_client, "Next", reply.conversation).state == "done"
    assert [message["content"] for message in demo.requests[-1]["body"]["messages"]] == [
        "Hello",
        THREE,
        "Next",
    ]


def test_what_stands_in_the_composer_survives_the_stop(ada_client, demo):
    """Without scripts Stop is another button of the composer's form, and loads the page anew."""
    demo.fault = "silent"
    reply = ask(ada_client)
    press(ada_client, reply, "stop", message="Not sent\r\nyet")
    assert page_of(ada_client, reply).typed == "Not sent\nyet"
    demo.fault = None
    say(ada_client, "Sent now", reply.conversation)
    assert page_of(ada_client, reply).typed == ""


def test_a_draft_that_was_emptied_does_not_come_back(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client)
    press(ada_client, reply, "stop", message="Old draft")
    press(ada_client, reply, "stop", message="")
    assert page_of(ada_client, reply).typed == ""


@pytest.mark.row("O-041")
def test_a_draft_is_cleaned_like_a_message(ada_client, ada, demo):
    """PostgreSQL would refuse it."""
    conversation = make_conversation(ada, "Question", "Answer")
    press(ada_client, conversation.messages.last(), "stop", message="a\x00b")
    conversation.refresh_from_db()
    assert conversation.draft == "ab"


def test_stop_from_another_process_ends_the_run_within_a_second(ada_client, demo):
    """The row says it; the thread notices when it saves."""
    demo.fault = "stall"
    reply = ask(ada_client)
    Stream(ada_client, reply).until_shown(THREE)
    Message.objects.filter(pk=reply.pk).update(state="stopped")
    demo.wait_for(lambda requests: requests[-1]["ended"] == "client closed")


def test_a_reply_nobody_writes_can_be_stopped(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Half", state="running")
    press(ada_client, reply, "stop")
    reply.refresh_from_db()
    assert (reply.state, reply.content) == ("stopped", "Half")


def test_what_a_person_wrote_cannot_be_stopped(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    assert press(ada_client, conversation.messages.get(), "stop").status_code == 404


@pytest.mark.row("O-065")
def test_hanging_up_needs_no_reader(ada_client, settings):
    """Without a stream open, and in silence."""
    with Upstream([head(), part("One"), hang]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        wait_until(lambda: reply.pk in runs._writing)
        wait_until(lambda: follow.channel_of(reply).snapshot().text == "One")
        press(ada_client, reply, "stop")
        assert upstream.hung_up.wait(PATIENCE)
    assert ended(reply).content == "One"
