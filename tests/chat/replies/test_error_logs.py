"""What an operator finds in the log: why a reply failed, whose it was, and all its lines."""

import json
import logging
import re
import subprocess

import pytest

from apps.core.monitoring.log_formatter import AddContext, JsonFormatter, LineFormatter
from apps.server import log_context
from tests.chat.talk import ask, ended, settled
from tests.factories import make_user
from tests.upstream import DONE, STOP, Upstream, head, part

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
CROWD = 50
UNLUCKY = 37


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the log, as the server does, into a file."""
    handlers = []

    def write_with(formatter):
        path = tmp_path / "log"
        handler = logging.FileHandler(path)
        handler.setFormatter(formatter)
        handler.addFilter(AddContext())
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.INFO)
        handlers.append(handler)
        return path

    yield write_with
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
        handler.close()


def grep(pattern, path):
    return subprocess.run(["grep", pattern, path], stdout=subprocess.PIPE, text=True).stdout


def answer_all_but_one(client):
    """Refuse the one whose question has the word."""
    if b"unlucky" not in client.request.body:
        client.play([head(), part("Good."), STOP, DONE])
        return
    body = b'{"error": {"message": "No such deployment", "code": "deployment_gone"}}'
    client.play(
        b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
        b"X-Request-ID: req_of_the_service\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )


@pytest.mark.row("O-172")
@pytest.mark.any_engine
def test_grep_finds_why_the_reply_of_one_among_many_failed(client, demo, settings, written):
    path = written(LineFormatter(LINE))
    people = [make_user(f"person-{number}") for number in range(CROWD)]
    with Upstream(answer_all_but_one) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        replies = []
        for number, person in enumerate(people):
            client.force_login(person)
            replies.append(ask(client, "I am unlucky" if number == UNLUCKY else "I am not"))
        rows = [ended(reply) for reply in replies]
        settled()
    assert [row.state for row in rows].count("done") == CROWD - 1

    lines = grep(f" person=person-{UNLUCKY} ", path).splitlines()
    assert len(lines) == 1
    assert f"reply {replies[UNLUCKY].pk} error code=rejected" in lines[0]
    assert f" conversation={replies[UNLUCKY].conversation_id}" in lines[0]
    assert f" user={people[UNLUCKY].pk} " in lines[0]
    call = re.search(r" call=(\w+)", lines[0])[1]
    reason, told = grep(f"call={call}", path).splitlines()
    assert told == lines[0]
    assert "deployment_gone" in reason
    assert "req_of_the_service" in reason
    request = re.search(r" request=(\w+)", lines[0])[1]
    assert "POST /chat/new/ 303" in grep(f"request={request}", path)
    assert "unlucky" not in path.read_text()


def test_a_request_has_one_id_in_the_log_and_in_its_answer(ada_client, written):
    path = written(LineFormatter(LINE))
    ids = [ada_client.get("/chat/")["X-Request-ID"] for _ in range(2)]
    assert len(set(ids)) == 2
    for each in ids:
        assert "GET /chat/ 200" in grep(f"request={each}", path)


@pytest.mark.parametrize(
    "forwarded", ["a1b2c3d4e5f6", "", "short", "x" * 65, "a b\r\nc: d e f", "é" * 9]
)
def test_what_a_proxy_calls_a_request_is_taken_if_it_can_be_one(forwarded):
    is_taken = log_context.request_id(forwarded) == forwarded
    assert is_taken == (forwarded == "a1b2c3d4e5f6")


def test_json_has_one_object_a_line_with_what_it_belongs_to(ada_client, ada, written, settings):
    path = written(JsonFormatter())
    request = ada_client.get("/chat/")["X-Request-ID"]
    with log_context.bound(call="c0ffee"):
        try:
            raise ValueError(f"a\u2028b\n{settings.SECRET_KEY}")
        except ValueError:
            logging.getLogger("parlor.test").exception("it %s", "failed\n{")
    first, second = [json.loads(line) for line in path.read_text().splitlines()]
    assert (first["request"], first["level"]) == (request, "INFO")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", first["time"])
    assert (second["call"], second["message"]) == ("c0ffee", "it failed\n{")
    assert "ValueError: a\u2028b" in second["traceback"]
    assert settings.SECRET_KEY not in path.read_text()
