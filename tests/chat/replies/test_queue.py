"""So many replies at once; the others wait, see their place, and none is lost."""

import socket
import threading
from contextlib import ExitStack

import pytest

from apps.chat.models import Message
from apps.chat.replies import queue
from apps.chat.usage import records
from apps.chat.views import live
from apps.server import stream_limits
from tests.chat.talk import Pieces, Stream, ask, ended, newest, page_of, press, say, settled, shown
from tests.factories import make_conversation, make_reply
from tests.upstream import DONE, STOP, Upstream, head, part, until
from tests.waiting import assert_quick, seconds_of, wait_until


@pytest.fixture
def model(ada, settings):
    """A model that answers nobody before the test says model.go.set()."""
    go = threading.Event()
    with Upstream([until(go), head(), part("An answer"), STOP, DONE]) as upstream:
        upstream.go = go
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        yield upstream
        go.set()


def asked(upstream):
    """List what the model was asked, in its order."""
    return [request.json["messages"][-1]["content"] for request in upstream.requests]


def states(replies):
    return [Message.objects.get(pk=reply.pk).state for reply in replies]


@pytest.mark.row("O-089")
def test_four_are_written_and_six_wait(ada_client, model, new_pool, monkeypatch):
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.01)
    new_pool(threads=4)
    replies = [ask(ada_client, f"Question {number}") for number in range(10)]
    wait_until(lambda: len(model.requests) == 4)
    assert states(replies) == ["running"] * 4 + ["queued"] * 6
    Stream(ada_client, replies[4]).until_shown("Next in the queue").close()
    Stream(ada_client, replies[5]).until_shown("1 reply is ahead of this one").close()
    Stream(ada_client, replies[9]).until_shown("5 replies are ahead of this one").close()
    assert shown(ada_client, replies[9]).state == "queued"
    model.go.set()
    assert [ended(reply).content for reply in replies] == ["An answer"] * 10
    assert sorted(asked(model)) == sorted(f"Question {number}" for number in range(10))


@pytest.mark.row("O-089")
def test_who_waits_is_served_in_order(ada_client, model, new_pool):
    new_pool(threads=1)
    replies = [ask(ada_client, f"Question {number}") for number in range(5)]
    model.go.set()
    assert {ended(reply).state for reply in replies} == {"done"}
    assert asked(model) == [f"Question {number}" for number in range(5)]


def test_a_reply_that_waits_streams_when_its_turn_has_come(ada_client, model, new_pool):
    new_pool(threads=1)
    _, reply = ask(ada_client), ask(ada_client)
    stream = Stream(ada_client, reply)
    model.go.set()
    stream.to_the_end()
    assert stream.shown == "An answer"
    assert stream.is_done


@pytest.mark.row("O-090")
def test_where_no_more_can_wait_the_message_is_kept(ada_client, model, new_pool):
    new_pool(threads=1, queue_limit=2)
    ask(ada_client, "Question 0")
    wait_until(lambda: model.requests)
    for number in (1, 2):
        ask(ada_client, f"Question {number}")
    response = say(ada_client, "One too many")
    assert response.status_code == 303
    question = Message.objects.get(content="One too many")
    reply = question.children.get()
    assert (reply.state, reply.error) == ("error", "busy")
    article = shown(ada_client, reply)
    assert article.note == "Too many answers are being written. Your message is saved."
    assert "Try again" in article.buttons
    assert Message.objects.count() == 8

    model.go.set()
    settled()
    press(ada_client, reply, "again")
    assert ended(newest(reply.conversation)).content == "An answer"
    assert asked(model)[-1] == "One too many"


def test_a_full_queue_serves_whoever_waits(ada_client, model, new_pool):
    new_pool(threads=1, queue_limit=1)
    replies = [ask(ada_client)]
    wait_until(lambda: model.requests)
    replies += [ask(ada_client) for _ in range(3)]
    model.go.set()
    assert [ended(reply).state for reply in replies] == ["done", "done", "error", "error"]


@pytest.mark.row("O-091")
def test_who_asks_once_goes_before_who_asks_ten_times(ada_client, bob_client, model, new_pool):
    new_pool(threads=1)
    for number in range(5):
        ask(ada_client, f"Ada {number}")
    wait_until(lambda: model.requests)
    reply = ask(bob_client, "Bob")
    model.go.set()
    ended(reply)
    wait_until(lambda: len(model.requests) == 6)
    assert asked(model)[:2] == ["Ada 0", "Bob"]


@pytest.mark.row("O-091")
def test_a_worker_takes_turns_between_people_of_whom_nobody_is_served(ada, bob):
    asked = ada, ada, ada, bob, bob
    replies = [make_reply(make_conversation(user, "Hi"), state="queued") for user in asked]
    order = []
    while pk := queue._next():
        order.append([reply.pk for reply in replies].index(pk))
        Message.objects.filter(pk=pk).update(state="done")
        records.record_from_row(pk, "done")
    assert order == [0, 3, 1, 4, 2]


def test_one_conversation_does_not_wait_for_another(ada_client, demo, ada):
    demo.fault = "silent"
    slow = ask(ada_client)
    demo.wait_for(lambda requests: requests)
    demo.fault = None
    quick = make_conversation(ada)
    assert ended(ask(ada_client, "Hello", quick)).state == "done"
    assert shown(ada_client, slow).is_busy


def test_stop_frees_the_place_for_who_waits(ada_client, model, new_pool):
    new_pool(threads=1)
    first, second = ask(ada_client, "First"), ask(ada_client, "Second")
    wait_until(lambda: model.requests)
    press(ada_client, first, "stop")
    wait_until(lambda: asked(model) == ["First", "Second"])
    model.go.set()
    assert ended(second).state == "done"


def test_a_page_of_who_waits_has_stop(ada_client, model, new_pool):
    new_pool(threads=1)
    ask(ada_client)
    waiting = ask(ada_client)
    assert "Stop" in page_of(ada_client, waiting).composer_buttons
    press(ada_client, waiting, "stop")
    assert shown(ada_client, waiting).state == "stopped"


@pytest.mark.row("O-092")
def test_pages_are_quick_while_many_streams_are_open(shared_server):
    """300 streams of 15 people; a page takes less than a second."""
    shared_server.demo.fault = "stall"
    people = [shared_server.person(f"ida-{number}") for number in range(15)]
    try:
        with ExitStack() as open_streams:
            replies = [ask_and_follow(person, open_streams) for person in people]
            assert_quick(lambda: seconds_of(lambda: people[0].get("/chat/")), 1)
            assert "Conversations" in people[0].page
            for person, pk in zip(people, replies, strict=True):
                person.get("/chat/")
                person.post(f"/chat/messages/{pk}/stop/")
    finally:
        shared_server.demo.fault = None


def ask_and_follow(person, open_streams, times=20):
    """Ask, and open so many streams of the reply; return its id."""
    with person.ask("Hello") as growing:
        number = growing.url.rstrip("/").split("/")[-2]
    sql = "SELECT id FROM chat_message WHERE conversation_id = ? AND role = 'assistant'"
    pk = person.server.query(sql, number)[0][0]
    cookies = "; ".join(f"{each.name}={each.value}" for each in person.cookies)
    for _ in range(times):
        open_streams.enter_context(stream(person.server, pk, cookies))
    return pk


@pytest.mark.row("O-092")
def test_a_stream_too_many_closes_the_oldest_of_the_same_person(
    ada_client, bob_client, ada, bob, demo, monkeypatch
):
    monkeypatch.setattr(stream_limits, "MOST", 2)
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.02)
    demo.fault = "stall"
    mine, theirs = ask(ada_client), ask(bob_client)
    other = Stream(bob_client, theirs).until_shown("parts.")
    first = Stream(ada_client, mine).until_shown("parts.")
    page = Pieces(ada_client.get(f"/chat/{mine.conversation_id}/follow/"))
    page.read_until("parts.")
    page.read()  # It waits for more.
    last = Stream(ada_client, mine).until_shown("parts.")
    first.to_the_end()
    assert not first.is_done  # It may come back, in the place of the next.
    again = Stream(ada_client, mine, last_event_id=first.position)
    assert again.read()
    assert again.read()
    assert "Go on here" in page.rest()
    for stream in last, again, other:
        assert stream.read()
        stream.close()
    assert Message.objects.get(pk=mine.pk).state == "running"
    assert not {ada.pk, bob.pk} & stream_limits._seats.keys()


def stream(server, pk, cookies):
    """Open a stream, and wait for its head and its first event."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = f"GET /chat/messages/{pk}/stream/ HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\n"
    connection.sendall(f"{head}Cookie: {cookies}\r\n\r\n".encode())
    received = b""
    while b": connected" not in received:
        data = connection.recv(65536)
        assert data, received
        received += data
    assert received.startswith(b"HTTP/1.1 200")
    return connection
