"""One line a request, one line a reply; never a word of what was said, never a key."""

import logging
import re

import pytest

from tests.chat.talk import HTMX, Pieces, Stream, answered, ask, press, say, settled

pytestmark = pytest.mark.any_database

SECRET = "xyzzy-my-secret"
KEY = "sk-test-0123456789"


@pytest.fixture(autouse=True)
def log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def lines(caplog, name):
    return [record.getMessage() for record in caplog.records if record.name == name]


def test_each_request_is_one_line_without_its_query(ada_client, ada, log):
    ada_client.get("/chat/?page=1&secret=1")
    assert len(lines(log, "parlor.requests")) == 1
    line = lines(log, "parlor.requests")[0]
    assert re.fullmatch(rf"GET /chat/ 200 \d+ms user={ada.pk}", line)


def test_nobody_is_a_dash(client, log):
    client.get("/healthz/")
    assert re.fullmatch(r"GET /healthz/ 200 \d+ms user=-", lines(log, "parlor.requests")[0])


def test_a_path_cannot_forge_a_line(client, log, db):
    client.get("/a%0aGET%20/admin/%20200%0d%1b[31m/")
    line = lines(log, "parlor.requests")[0]
    assert not re.search(r"[\x00-\x1f]", line)


def test_each_reply_is_one_line(ada_client, demo, log):
    reply = answered(ada_client, SECRET)
    settled()
    assert len(lines(log, "parlor.replies")) == 1
    line = lines(log, "parlor.replies")[0]
    assert line.startswith(f"reply {reply.pk} done code=- model=parlor-demo first=")
    assert f"tokens={reply.prompt_tokens}+{reply.completion_tokens}" in line


def test_a_reply_that_failed_names_its_code(ada_client, demo, log):
    demo.fault = "cut"
    reply = answered(ada_client, SECRET)
    settled()
    assert lines(log, "parlor.replies")[0].startswith(f"reply {reply.pk} error code=cut")


@pytest.mark.parametrize(
    "fault", [None, "markup", "cut", "401-key", "error-hostile", "reasoning", "broken-json", "500"]
)
def test_the_log_holds_no_word_and_no_key(ada_client, demo, log, fault):
    """I7, at the most talkative level, over all that can be done with a message."""
    demo.fault = fault
    reply = ask(ada_client, f"Ask {SECRET}")
    Stream(ada_client, reply).to_the_end()
    settled()
    ada_client.get(f"/chat/{reply.conversation_id}/?text={SECRET}")
    ada_client.get(f"/chat/messages/{reply.pk}/", headers=HTMX)
    press(ada_client, reply, "again", message=f"Draft {SECRET}")
    Pieces(ada_client.get(f"/chat/messages/{reply.pk}/stream/")).rest()
    settled()
    say(ada_client, f"More {SECRET} " * 20_000, reply.conversation)
    records = [record for record in log.records if record.name != "django.db.backends"]
    text = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in records)
    assert "parlor.requests" in {record.name for record in records}
    for word in SECRET, KEY, "demo model", "Here are":
        assert word not in text


@pytest.mark.row("O-013")
def test_one_line_of_a_hostile_service_is_one_line(ada_client, demo, log):
    demo.fault = "error-hostile"
    answered(ada_client)
    settled()
    for record in log.records:
        if record.name.startswith(("apps", "parlor")):
            assert not re.search(r"[\r\n\x1b]", record.getMessage())
            assert not record.getMessage().startswith("ERROR forged")


def test_loggers_of_the_client_library_are_quiet_by_default():
    """They would write addresses and headers."""
    for name in "openai", "httpx2", "httpcore2":
        assert logging.getLogger(name).level == logging.WARNING
