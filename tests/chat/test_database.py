"""A database that is busy, locked or full: nothing is half written, and no word is lost."""

import threading
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client

from apps.chat.models import Conversation, Message
from apps.chat.replies import runs
from apps.jobs import scheduler
from tests.chat.talk import HTMX, answered, ended, newest, page_of, press, say
from tests.live_server import PATIENCE
from tests.page import Page

TEXT = "Words that took\nan hour"


@pytest.fixture
def locked(transactional_db):
    """Another process that lets nobody write until the test lets it go."""
    return Lock()


LOCK = {
    "sqlite": ["BEGIN IMMEDIATE"],
    "postgresql": ["BEGIN", "LOCK chat_conversation, chat_message IN SHARE ROW EXCLUSIVE MODE"],
}
WRITES = {"sqlite": "BEGIN IMMEDIATE", "postgresql": 'INSERT INTO "chat_'}  # It waits there.
PATIENT = {"sqlite": "PRAGMA busy_timeout = {}", "postgresql": "SET lock_timeout = {}"}


class Lock:
    def __init__(self):
        self.is_held, self.let_go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def _hold(self):
        with connection.cursor() as cursor:
            for statement in LOCK[connection.vendor]:
                cursor.execute(statement)
            self.is_held.set()
            self.let_go.wait(PATIENCE)
            cursor.execute("ROLLBACK")
        connections.close_all()

    def __enter__(self):
        self.thread.start()
        assert self.is_held.wait(PATIENCE)
        return self

    def __exit__(self, *error):
        self.let_go.set()
        self.thread.join()


@pytest.fixture
def patience(transactional_db, monkeypatch):
    """Return a function to say how long this thread waits for a lock."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "max_idle", 0)
    return patience_of


@contextmanager
def patience_of(milliseconds):
    """Have this thread wait so long for a lock, by a connection that nobody else ever has."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(PATIENT[connection.vendor].format(milliseconds))
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    connection.close()


@pytest.fixture
def impatient(patience):
    """A database that is not waited for."""
    with patience(milliseconds=20):
        yield


@pytest.mark.row("O-082")
def test_a_message_waits_for_a_lock_that_is_let_go(ada_client, demo, locked, patience):
    responses, asked_for = [], threading.Event()

    def note(execute, sql, *about):
        if sql.startswith(WRITES[connection.vendor]):
            asked_for.set()
        return execute(sql, *about)

    def send():
        with patience(milliseconds=PATIENCE * 1000), connection.execute_wrapper(note):
            responses.append(say(ada_client, TEXT))
        connections.close_all()

    with locked:
        sender = threading.Thread(target=send)
        sender.start()
        assert asked_for.wait(PATIENCE)
        sender.join(0.2)
        assert sender.is_alive()
        assert not Message.objects.exists()
    sender.join()
    assert responses[0].status_code == 303
    assert ended(newest(Conversation.objects.get())).state == "done"


@pytest.mark.row("O-083")
def test_a_message_that_cannot_be_saved_comes_back(ada_client, demo, locked, impatient):
    with locked:
        response = say(ada_client, TEXT)
    assert response.status_code == 503
    page = Page(response)
    assert page.typed == TEXT
    assert page.alerts == ["Your message could not be saved. It is still here: send it again."]
    assert not Conversation.objects.exists()
    assert say(ada_client, page.typed, key=page.key).status_code == 303


@pytest.mark.row("O-083")
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_further_message_that_cannot_be_saved_comes_back(
    ada_client, demo, locked, impatient, headers
):
    reply = answered(ada_client)
    with locked:
        response = say(ada_client, TEXT, reply.conversation, headers=headers)
    assert response.status_code == 503
    assert Page(response).typed == TEXT
    assert Page(response).alerts
    assert reply.conversation.messages.count() == 2


@pytest.mark.row("O-086")
def test_a_full_disk_is_told_like_a_lock(ada_client, demo, impatient):
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite can be told how large its file may grow.")
    reply = answered(ada_client)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # Else there may be room left by rows of other tests.
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    response = say(ada_client, "x" * 90_000, reply.conversation)
    assert response.status_code == 503
    assert len(Page(response).typed) == 90_000
    assert reply.conversation.messages.count() == 2
    assert page_of(ada_client, reply).messages[1].state == "done"


@pytest.mark.row("O-083")
def test_pages_are_read_while_the_database_is_locked(ada_client, demo, locked, impatient):
    """A page only reads."""
    reply = answered(ada_client)
    with locked:
        assert page_of(ada_client, reply).messages[1].state == "done"
        assert ada_client.get("/chat/").status_code == 200
        assert ada_client.get(f"/chat/messages/{reply.pk}/", headers=HTMX).status_code == 200


def test_another_button_that_finds_a_lock_says_so(ada_client, demo, locked, impatient):
    reply = answered(ada_client)
    ada_client.raise_request_exception = False
    with locked:
        response = press(ada_client, reply, "again")
    assert response.status_code in (500, 503)
    assert "error-page" in response.content.decode()
    assert reply.conversation.messages.count() == 2


@pytest.mark.row("O-083")
def test_a_reply_that_cannot_be_saved_is_saved_later(ada_client, demo, monkeypatch):
    """The database is away in the moment in which the reply ends."""
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.02)
    write, failures = runs.Run._write_result, []

    def fail_once(run, result):
        if not failures:
            failures.append(result)
            raise OperationalError("database is locked")
        write(run, result)

    monkeypatch.setattr(runs.Run, "_write_result", fail_once)
    reply = answered(ada_client)
    assert failures
    assert reply.state == "done"
    assert "demo model" in reply.content


@pytest.mark.row("O-084")
def test_many_messages_at_once_are_all_saved(ada, bob, demo):
    """Eight people, fifty messages each."""
    demo.fault = "refusal"
    failures = []

    def send_fifty():
        client = Client()
        client.force_login(ada)
        try:
            for number in range(50):
                if say(client, f"Message {number}").status_code != 303:
                    failures.append(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send_fifty) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Message.objects.filter(role="user").count() == 400
    assert Message.objects.filter(role="assistant").count() == 400
    for reply in Message.objects.filter(role="assistant"):
        assert ended(reply).error in ("", "busy")
