"""What is kept of a reply when the process that writes it falters, or is gone."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone

from apps.chat.models import Message
from apps.chat.replies import checkpoint, recovery, results, runs, writer
from apps.chat.replies.streaming import follow
from apps.core.db import durability
from apps.jobs import scheduler, thread_pool
from apps.jobs.thread_pool import FairPool
from tests.chat.talk import (
    Stream,
    answered,
    ask,
    ended,
    newest,
    page_of,
    press,
    say,
    settled,
    shown,
)
from tests.factories import make_conversation, make_reply
from tests.live_server import ParlorServer, read_rest, read_until, wait_until
from tests.page import Page
from tests.upstream import DONE, STOP, Upstream, head, part, until

THREE = "Here are three parts."
AFRESH = pytest.mark.threads("A worker begins it afresh, once: tests/chat/replies/test_workers.py.")
PAST, FUTURE = timedelta(seconds=-1), timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.05)


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "Question")


def reply_of_a_process(conversation, lease, state="running", **fields):
    """Make a reply of which another process has, or had, the lease."""
    fields = {"run_id": uuid.uuid4(), "content": "Half an", **fields}
    return make_reply(conversation, state=state, lease_until=Now() + lease, **fields)


def row(reply):
    return Message.objects.filter(pk=reply.pk).values().get()


# While it is written.


def test_what_has_arrived_is_saved_while_it_is_written(ada_client, demo):
    """I4"""
    demo.fault = "stall"
    reply = ask(ada_client)
    wait_until(lambda: row(reply)["content"] == THREE)
    assert row(reply)["state"] == "running"


def test_reasoning_is_saved_while_it_is_written(ada_client, settings):
    thought = b'data: {"choices": [{"delta": {"reasoning_content": "Hm"}}]}\n\n'
    with Upstream([head(), thought, until(go := threading.Event()), part("So"), STOP]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        wait_until(lambda: row(reply)["reasoning"] == "Hm")
        go.set()
        assert ended(reply).content == "So"


@pytest.mark.row("O-025")
def test_the_lease_is_renewed_while_it_is_written(ada_client, demo):
    """Also in silence."""
    demo.fault = "stall"
    reply = ask(ada_client)
    wait_until(lambda: row(reply)["content"] == THREE)
    first = row(reply)["lease_until"]
    wait_until(lambda: row(reply)["lease_until"] > first)


@pytest.mark.threads("What waits in Redis has no process that would renew its lease.")
def test_the_lease_of_who_waits_is_renewed_too(ada_client, demo, new_pool, settings):
    settings.CHAT_HEARTBEAT_SECONDS = 0
    new_pool(threads=1)
    demo.fault = "silent"
    ask(ada_client)
    waiting = ask(ada_client)
    first = row(waiting)["lease_until"]
    wait_until(lambda: row(waiting)["lease_until"] > first)
    assert row(waiting)["state"] == "queued"


@pytest.mark.row("O-077")
def test_a_writer_that_lost_its_row_changes_nothing_more(ada_client, settings):
    """Its lease was over while it slept, and somebody has ended the reply."""
    with Upstream(
        [head(), part("Kept"), until(late := threading.Event()), part(" late"), STOP, DONE]
    ) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        wait_until(lambda: row(reply)["content"] == "Kept")
        run = runs._writing[reply.pk]
        Message.objects.filter(pk=reply.pk).update(
            state="interrupted", error="restarted", finished_at=timezone.now()
        )
        before = row(reply)
        late.set()
        wait_until(lambda: reply.pk not in runs._writing)
        save(run)
        run.finish(results.Result(Message.State.DONE))
    assert row(reply) == before


def test_a_reply_that_is_run_again_elsewhere_is_not_written_twice(conversation):
    """I5: a run of another id writes nothing."""
    reply = reply_of_a_process(conversation, FUTURE)
    stale = runs.Run(reply, uuid.uuid4())
    before = row(reply)
    stale.deliver("Not mine", "")
    save(stale)
    stale.finish(results.Result(Message.State.DONE))
    assert stale.call.closed
    assert row(reply) == before
    writer.follow.close_channel(reply.pk)


@pytest.mark.parametrize("is_unwritten", [False, True])
def test_an_end_is_written_again_only_where_it_could_not_be(conversation, is_unwritten):
    """Its thread may be about to write it; both would log it."""
    run = runs.Run(reply_of_a_process(conversation, FUTURE), uuid.uuid4())
    run.result, run.is_unwritten = results.Result(Message.State.DONE), is_unwritten
    written = []
    run.finish = written.append
    save(run)
    assert written == [run.result] * is_unwritten
    writer.follow.close_channel(run.reply.pk)


def test_a_reply_that_has_just_ended_is_not_hung_up_on(conversation):
    """Its row is final before its thread is done with it; the log would call it closed."""
    run = runs.Run(reply_of_a_process(conversation, FUTURE), uuid.uuid4())
    run.result = results.Result(Message.State.DONE)
    save(run)
    assert not run.call.closed
    writer.follow.close_channel(run.reply.pk)


@pytest.mark.parametrize("is_claimed", [False, True])
def test_only_a_claimed_reply_can_be_lost(conversation, is_claimed):
    """Until its claim is committed no other query sees it."""
    run = runs.Run(make_reply(conversation, state="queued"), uuid.uuid4())
    save(run, is_claimed)
    assert run.call.closed == is_claimed
    writer.follow.close_channel(run.reply.pk)


@pytest.mark.usefixtures("transactional_db")
def test_a_sync_that_failed_is_done_again(monkeypatch):
    """What has ended may be on no disk yet."""
    tries = []

    def fail_once():
        tries.append(None)
        if len(tries) == 1:
            raise OperationalError

    sync = checkpoint.sync
    with scheduler.default.paused():
        monkeypatch.setattr(durability, "sync", fail_once)
        monkeypatch.setattr(runs, "ended", ended := threading.Event())
        ended.set()
        with pytest.raises(OperationalError):
            sync()
        sync()
        sync()
    assert len(tries) == 2


def save(run, is_claimed=True):
    run.is_claimed = is_claimed
    with scheduler.default.paused():
        runs._writing[run.reply.pk] = run
        checkpoint.save()
        runs._writing.pop(run.reply.pk, None)


@pytest.mark.row("O-080")
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_jump_of_the_clock_ends_nothing(ada_client, demo, monkeypatch, hours):
    demo.fault = "pause"
    first = answered(ada_client, "Before")
    reply = ask(ada_client, "After", first.conversation)
    Stream(ada_client, reply).until_shown("Here are").close()
    now, jump = timezone.now, timedelta(hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: now() + jump)
    assert ended(reply).state == "done"
    answered(ada_client, "Last", first.conversation)
    texts = [m.shown for m in page_of(ada_client, first).messages if m.name == "You"]
    assert texts == ["Before", "After", "Last"]


# When its writer is gone.


@AFRESH
@pytest.mark.row("O-073", "O-076")
def test_a_reply_whose_lease_is_over_is_interrupted(conversation):
    reply = reply_of_a_process(conversation, PAST)
    recovery.sweep()
    reply.refresh_from_db()
    assert (reply.state, reply.error, reply.content) == ("interrupted", "restarted", "Half an")
    assert reply.finished_at is not None


@pytest.mark.row("O-076")
def test_a_reply_whose_lease_goes_on_is_left_alone(ada_client, conversation):
    """Another process may be writing it."""
    reply = reply_of_a_process(conversation, FUTURE)
    before = row(reply)
    recovery.sweep()
    assert shown(ada_client, reply).is_busy
    assert row(reply) == before


@AFRESH
def test_whoever_looks_first_ends_the_reply(ada_client, conversation):
    reply = reply_of_a_process(conversation, PAST)
    article = shown(ada_client, reply)
    assert (article.state, article.error) == ("interrupted", "restarted")
    assert article.shown == "Half an"
    assert article.note.startswith("The server was restarted while this answer was being written")
    assert "Try again" in article.buttons
    assert row(reply)["state"] == "interrupted"


@AFRESH
@pytest.mark.row("O-073")
def test_an_interrupted_reply_is_not_run_again_by_itself(conversation, demo):
    """It costs money."""
    reply_of_a_process(conversation, PAST)
    recovery.sweep()
    recovery.sweep()
    assert demo.requests == []
    assert conversation.messages.count() == 2


@pytest.mark.row("O-076")
def test_a_queued_reply_of_a_dead_process_is_written(conversation, demo):
    reply = reply_of_a_process(conversation, PAST, state="queued", content="", run_id=None)
    recovery.sweep()
    assert ended(reply).state == "done"


def test_a_queued_reply_of_a_living_process_is_left_to_it(conversation, demo):
    reply = reply_of_a_process(conversation, FUTURE, state="queued", content="", run_id=None)
    recovery.sweep()
    assert row(reply)["state"] == "queued"
    assert demo.requests == []


def test_a_queued_reply_is_taken_once_by_two_processes(conversation, demo):
    """I2: a claim that comes second finds nothing."""
    reply = reply_of_a_process(conversation, PAST, state="queued", content="", run_id=None)
    recovery.sweep()
    ended(reply)
    settled()
    writer.generate_reply(reply.pk)
    assert len(demo.requests) == 1


@pytest.mark.parametrize("just_now", [False, True])
def test_a_turn_that_comes_too_late_leaves_the_reply_to_whoever_writes_it(
    ada_client, demo, just_now
):
    demo.fault = "stall"
    reply = ask(ada_client)
    wait_until(lambda: reply.pk in runs._writing and reply.pk not in writer._queued)
    if just_now:
        writer._queued.add(reply.pk)  # As if it had been claimed a moment ago.
    assert not writer.generate_reply(reply.pk)
    assert follow.channel_of(reply)


def test_what_this_process_writes_is_never_swept(ada_client, demo):
    """After a jump of the clock, or a database that was away, its lease may look over."""
    demo.fault = "stall"
    reply = ask(ada_client)
    wait_until(lambda: reply.pk in runs._writing)
    Message.objects.filter(pk=reply.pk).update(lease_until=Now() + PAST)
    recovery.sweep()
    assert row(reply)["state"] == "running"


@AFRESH
def test_the_conversation_goes_on_after_an_interruption(ada_client, conversation, demo):
    """I8"""
    reply = reply_of_a_process(conversation, PAST)
    following = answered(ada_client, "Next", conversation)
    assert following.state == "done"
    assert row(reply)["state"] == "interrupted"
    sent = [message["content"] for message in demo.requests[0]["body"]["messages"]]
    assert sent == ["Question", "Half an", "Next"]


@AFRESH
def test_try_again_after_an_interruption(ada_client, conversation, demo):
    reply = reply_of_a_process(conversation, PAST)
    recovery.sweep()
    press(ada_client, reply, "again")
    assert ended(newest(conversation)).state == "done"


# When this process is about to end.


@pytest.mark.threads("Redis takes the message, and a process that ends needs no pool for it.")
@pytest.mark.row("O-081")
def test_a_message_that_comes_while_the_process_ends_is_not_lost(
    ada_client, demo, monkeypatch, new_pool
):
    """It is stored, and the next process takes it."""
    new_pool().drain(0)
    response = say(ada_client, "At the last moment")
    assert response.status_code == 303
    reply = newest(Message.objects.get(content="At the last moment").conversation)
    assert reply.state == "queued"
    monkeypatch.setattr(thread_pool, "_pool", FairPool(4, 4))  # The next process.
    wait_until(lambda: recovery.sweep() or row(reply)["state"] != "queued")
    assert ended(reply).state == "done"


@AFRESH
def test_draining_keeps_what_has_arrived(ada_client, demo, settings, new_pool):
    """In this process."""
    settings.CHAT_DRAIN_SECONDS = 0.01
    new_pool()
    demo.fault = "stall"
    reply = ask(ada_client)
    stream = Stream(ada_client, reply).until_shown(THREE)
    recovery.drain()
    assert (ended(reply).state, ended(reply).error) == ("interrupted", "restarted")
    assert row(reply)["content"] == THREE
    stream.to_the_end()
    demo.wait_for(lambda requests: requests[0]["ended"] == "client closed")


# Under gunicorn.

LIMIT = 10  # Seconds. The sign of life of a worker that has nothing to do is up to a second old.


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """A server that may be killed; its own time limit is shorter than some replies."""
    folder = tmp_path_factory.mktemp("mortal")
    with ParlorServer(folder, GUNICORN_CMD_ARGS=f"--timeout {LIMIT}") as server:
        yield server


def replies(server):
    sql = "SELECT state, error, content FROM chat_message WHERE role = 'assistant' ORDER BY id"
    return server.query(sql)


def lease_until(server, year):
    server.query("UPDATE chat_message SET lease_until = ?", f"{year}-01-01 00:00:00")


@pytest.mark.row("O-079")
def test_a_reply_takes_longer_than_the_servers_limit(mortal):
    """That limit is for a worker that hangs."""
    mortal.demo.pace = 0.1
    person = mortal.person("grace")
    with person.ask("120 words, please") as growing:
        page = Page(read_rest(growing))
    mortal.demo.pace = 0.0
    assert max(request["seconds"] for request in mortal.demo.requests) > LIMIT
    assert page.messages[-1].state == "done"
    assert replies(mortal)[-1][0] == "done"


@AFRESH
@pytest.mark.row("O-073", "O-076")
def test_a_killed_server_leaves_what_had_arrived(mortal):
    """Kept, marked when the lease is over, and tried again by a button only."""
    mortal.demo.fault = "stall"
    person = mortal.person("henry")
    growing = person.ask("A question")
    read_until(growing, "parts.")
    wait_until(lambda: replies(mortal)[-1][2] == THREE)
    mortal.kill()
    mortal.demo.fault = None
    mortal.demo.clear()
    lease_until(mortal, 2099)
    mortal.start()

    conversation = growing.url.removesuffix("follow/")
    page = Page(person.get(conversation))
    assert page.messages[-1].is_busy  # Another process may still have it.
    assert page.messages[-1].shown == THREE
    lease_until(mortal, 2020)
    page = Page(person.get(conversation))
    assert (page.messages[-1].state, page.messages[-1].error) == ("interrupted", "restarted")
    assert page.messages[-1].shown == THREE
    assert [request for request in mortal.demo.requests if "chat" in request["path"]] == []

    person.post(page.messages[-1].buttons["Try again"])
    assert Page(person.page).messages[-1].state == "done"


@pytest.mark.row("O-076")
def test_a_new_server_takes_what_waited_and_ends_what_ran(mortal):
    """By itself: nobody looks at the page."""
    person = mortal.person("ivan")
    for name in "first", "second", "third":
        with person.ask(name) as growing:
            read_rest(growing)
    mortal.kill()
    sql = "SELECT id FROM chat_message WHERE role = 'assistant' ORDER BY id"
    ids = [pk for (pk,) in mortal.query(sql)][-3:]
    reset = "UPDATE chat_message SET state = ?, content = ?, lease_until = ? WHERE id = ?"
    mortal.query("UPDATE chat_message SET attempts = 2 WHERE id = ?", ids[0])  # The last, then.
    mortal.query(reset, "running", "Half an", "2020-01-01 00:00:00", ids[0])
    mortal.query(reset, "queued", "", "2020-01-01 00:00:00", ids[1])
    mortal.query(reset, "running", "Alive", "2099-01-01 00:00:00", ids[2])
    mortal.start()
    wait_until(lambda: replies(mortal)[-2][0] == "done")
    assert replies(mortal)[-3] == ("interrupted", "restarted", "Half an")
    assert replies(mortal)[-1] == ("running", "", "Alive")
