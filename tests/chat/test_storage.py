"""A database that only reads, and a full disk: pages and probes say so, and reading goes on."""

from datetime import timedelta

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.chat.replies.queue import MOST_ATTEMPTS
from apps.core.files import disk_space
from tests.chat.talk import HTMX, answered, page_of, press, say, send
from tests.factories import PASSWORD, make_conversation, make_reply
from tests.page import Page

TEXT = "Words that took\nan hour"


class ReadOnly:
    """Let the database take nothing while the test says so."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    def __enter__(self):
        self.name = connection.settings_dict["NAME"]
        self.options = connection.settings_dict["OPTIONS"]
        connection.close()
        if connection.vendor == "sqlite":
            connection.settings_dict["NAME"] = f"file:{self.name}?mode=ro"
        else:
            with connection.cursor() as cursor:
                cursor.execute("SET default_transaction_read_only = on")

    def __exit__(self, *error):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("RESET default_transaction_read_only")
        connection.settings_dict["NAME"] = self.name
        connection.close()


@pytest.fixture
def read_only(transactional_db, monkeypatch):
    return ReadOnly(monkeypatch)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_message_that_a_database_does_not_take_comes_back(ada_client, demo, read_only, headers):
    reply = answered(ada_client)
    with read_only:
        response = say(ada_client, TEXT, reply.conversation, headers=headers)
    assert response.status_code == 503
    assert Page(response).typed == TEXT
    assert Page(response).alerts == [
        "Your message could not be saved. It is still here: send it again."
    ]
    assert reply.conversation.messages.count() == 2


def test_pages_of_a_database_that_only_reads_are_read(ada_client, ada, demo, read_only):
    """Also that of a reply whose writer is gone: nobody can mark it now."""
    reply = answered(ada_client)
    lost = make_reply(
        make_conversation(ada, "Lost?"),
        "A part",
        state="running",
        lease_until=timezone.now() - timedelta(minutes=1),
        attempts=MOST_ATTEMPTS,
    )
    with read_only:
        assert page_of(ada_client, reply).messages[1].state == "done"
        assert "A part" in page_of(ada_client, lost).text
        assert ada_client.get("/chat/").status_code == 200
        assert ada_client.get("/chat/search/?q=hello").status_code == 200
    assert page_of(ada_client, lost).messages[1].state == "interrupted"


def test_other_forms_say_that_nothing_is_saved_and_keep_what_was_typed(ada_client, demo, read_only):
    reply = answered(ada_client)
    client = Client(raise_request_exception=False)
    ada_client.raise_request_exception = False
    with read_only:
        responses = [
            press(ada_client, reply, "again", message=TEXT),
            ada_client.post(f"/chat/{reply.conversation_id}/rename/", {"title": "New"}),
            client.post("/users/login/", {"username": "ada", "password": PASSWORD}),
        ]
    for response in responses:
        assert response.status_code == 503
        page = Page(response)
        assert page.all("section[@class='error-page']")
        assert "This does not work at the moment" in page.text
    assert TEXT in "".join(Page(responses[0]).all("textarea")[0].itertext())


def test_a_database_that_only_reads_is_not_ready(client, transactional_db, read_only):
    assert client.get("/readyz/").status_code == 200
    with read_only:
        response = client.get("/readyz/")
    assert response.status_code == 503
    assert response.json()["database"] == "read-only"


def test_the_probe_waits_for_nobody(client, transactional_db):
    """Who writes just now has an answer, too: the database takes it."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers.")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        assert client.get("/readyz/").json()["database"] == "ok"
        cursor.execute("ROLLBACK")
    other.close()


@pytest.mark.row("O-086")
def test_a_full_disk_is_not_ready(client, transactional_db, monkeypatch, media):
    monkeypatch.setattr(disk_space, "SPARE", 10**18)
    checks = client.get("/readyz/").json()
    assert checks["files"] == "full"
    if connection.vendor == "sqlite":
        assert checks["database"] == "full"


@pytest.mark.row("O-086")
def test_a_file_for_which_there_is_no_room_costs_no_text(ada_client, demo, monkeypatch):
    """It is written to the disk of temporary files before any view sees it."""

    def fail(*args):
        raise OSError(28, "No space left on device")

    ada_client.raise_request_exception = False
    monkeypatch.setattr(MemoryFileUploadHandler, "receive_data_chunk", fail)
    response = send(ada_client, ("a.txt", b"Words"), text=TEXT)
    assert response.status_code == 503
    assert "This does not work at the moment" in Page(response).text
