"""The server is told to stop: replies get some time, open pages do not hold it."""

import re

import pytest

from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.faults.acts import Fault
from tests import engine
from tests.browser.speaker import FAULT, Speaker
from tests.live_server import ParlorServer, read_rest, read_until, wait_until
from tests.page import Page

THREE = "Here are three parts."
HELD = "SELECT id FROM chat_message WHERE state = 'queued' AND lease_until > CURRENT_TIMESTAMP"
HANDED_OVER = pytest.mark.threads(
    "A worker hands over what it cannot end: tests/chat/replies/test_workers.py."
)
DRAIN = 10  # Seconds.
GRACE = DRAIN + 15  # Those after which gunicorn kills what has not ended.


@pytest.fixture(scope="module")
def stopped_often(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shutdown")
    with ParlorServer(folder, CHAT_DRAIN_SECONDS=DRAIN) as server:
        yield server


@pytest.fixture
def server(stopped_often):
    """The server, running."""
    if stopped_often.process.poll() is not None:
        stopped_often.start()
    stopped_often.demo.fault = None
    return stopped_often


def replies(server):
    sql = "SELECT state, error, content FROM chat_message WHERE role = 'assistant' ORDER BY id"
    return server.query(sql)


@pytest.fixture
def speaker(server, monkeypatch):
    """A model that says what the test says, while the server's fault is FAULT."""
    speaker = Speaker(server.demo)
    fault = Fault("says what a test says", speaker.answer)
    monkeypatch.setitem(FAULTS, FAULT, fault)
    yield speaker
    server.demo.fault = None


@HANDED_OVER
@pytest.mark.row("O-074")
def test_replies_get_some_time_and_the_rest_is_kept(server, speaker):
    """One reply ends in the time that is left, one is interrupted with its text."""
    server.demo.fault = "stall"
    slow = server.person("grace").ask("Slow")
    read_until(slow, "parts.")
    server.demo.fault = FAULT
    quick = server.person("henry").ask("Quick")
    speaker.say("As quick ")
    read_until(quick, "As quick")

    with server.terminating():
        read_rest(quick)  # The pages are closed first.
        speaker.end("as may be.")

    assert server.seconds_to_stop < GRACE
    assert server.query("SELECT 1 FROM chat_message WHERE state IN ('queued', 'running')") == []
    assert replies(server)[0] == ("interrupted", "restarted", THREE)
    assert replies(server)[1] == ("done", "", "As quick as may be.")
    assert server.process.returncode == 0
    assert "Traceback" not in server.log.read_text()


@pytest.mark.row("O-075")
def test_open_streams_do_not_hold_the_server(server):
    """Three readers of a reply that another process writes."""
    person = server.person("ida")
    with person.ask("Hello") as growing:
        html = read_rest(growing)
        conversation = growing.url.removesuffix("follow/")
    pk = re.findall(r'id="message-(\d+)"', html)[-1]
    run = "UPDATE chat_message SET state = 'running', lease_until = '2099-01-01 00:00:00'"
    server.query(f"{run}, attempts = 2 WHERE id = ?", pk)
    streams = [person.open(f"/chat/messages/{pk}/stream/", HX_Request="true") for _ in range(3)]
    for stream in streams:
        read_until(stream, "demo model")
    page = person.open(f"{conversation}follow/")
    html = read_until(page, "demo model")

    assert server.terminate() < GRACE

    for stream in streams:
        assert "event: done" not in read_rest(stream)  # They come back, to the next process.
    html += read_rest(page)
    assert "Go on here" in Page(html).links
    server.query("UPDATE chat_message SET state = 'done' WHERE id = ?", pk)


@HANDED_OVER
def test_what_a_stopped_server_has_taken_is_shown_by_the_next(server):
    """A message whose reply waited for its turn is answered after the restart."""
    server.demo.fault = "stall"
    person = server.person("karl")
    growing = person.ask("Interrupt me")
    read_until(growing, "parts.")
    server.terminate()
    rest = read_rest(growing)
    assert "Go on here" in rest or "interrupted" in rest
    server.demo.fault = None
    server.start()
    page = Page(person.get(growing.url.removesuffix("follow/")))
    assert (page.messages[-1].state, page.messages[-1].shown) == ("interrupted", THREE)
    person.post(page.messages[-1].buttons["Try again"])
    wait_until(lambda: replies(server)[-1][0] == "done")


@pytest.mark.row("O-074", "O-076", "O-081")
def test_a_restart_under_load_loses_nothing(tmp_path):
    """What was written, what waited, and what was just sent: all of it ends, soon after."""
    settings = {"CHAT_THREADS": 4, "CHAT_REPLIES_AT_ONCE": 0, "CHAT_MESSAGES_PER_MINUTE": 0}
    with ParlorServer(tmp_path, CHAT_DRAIN_SECONDS=0.5, **settings) as server:
        ada = server.person("ada")
        server.demo.fault = "stall"
        accepted = []
        for number in range(12):
            with ada.ask(f"Question {number}") as growing:
                accepted.append((f"Question {number}", growing.url.removesuffix("follow/")))
        wait_until(lambda: [text for *_, text in replies(server)].count(THREE) == 4)
        server.terminate()
        server.demo.fault = None
        if not engine.IS_CELERY:  # There the turns are in Redis, whatever the leases.
            wait_until(lambda: server.query(HELD) == [], patience=10)  # A third of a lease.
        server.start()
        states = "SELECT count(*) FROM chat_message WHERE state IN ('queued', 'running')"
        wait_until(lambda: server.query(states) == [(0,)], lambda: replies(server))
        ended = [state for state, *_ in replies(server)]
        interrupted = 0 if engine.IS_CELERY else 4  # Workers begin them afresh.
        assert (ended.count("interrupted"), ended.count("done")) == (interrupted, 12 - interrupted)
        for text, address in accepted:
            page = Page(ada.get(address))
            assert text in page.messages[0].text
            if page.messages[-1].state == "interrupted":
                assert page.messages[-1].shown == THREE
                ada.post(page.messages[-1].buttons["Try again"])
        done = "SELECT count(*) FROM chat_message WHERE role = 'assistant' AND state = 'done'"
        wait_until(lambda: server.query(done) == [(12,)], lambda: replies(server))
