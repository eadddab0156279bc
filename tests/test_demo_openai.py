"""The demo server: what it says, what it remembers of its clients, and its faults on the wire."""

import base64
import binascii
import http.client
import io
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import openai
import pytest

from scripts.demo_openai import FAULTS, DemoServer
from scripts.demo_openai.faults.acts import PARTS
from scripts.demo_openai.faults.service_errors import ERROR_FAULTS
from scripts.demo_openai.faults.texts import LINE_ENDS, MARKUP
from scripts.demo_openai.pictures import landscape
from tests.waiting import PATIENCE, ROOT, assert_quick

pytestmark = pytest.mark.any_database  # Its servers have none.

COMMAND = [sys.executable, "-m", "scripts.demo_openai"]
TEXT = "".join(PARTS)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def shared_server():
    with DemoServer(scale=0) as server:
        yield server


@pytest.fixture
def server(shared_server):
    shared_server.clear()
    shared_server.fault, shared_server.pace, shared_server.scale = None, 0, 0
    return shared_server


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=server.base_url, api_key="sk-secret", max_retries=0) as client:
        yield client


def user(*texts):
    return [{"role": "user", "content": text} for text in texts]


def ask(client, *texts, model="parlor-demo", **options):
    reply = client.chat.completions.create(model=model, messages=user(*texts), **options)
    return reply.choices[0].message.content


def post(server, data, path="/v1/chat/completions", kind="application/json"):
    """Return status, headers and body, read by something simpler than the client library."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    body = data if isinstance(data, bytes) else json.dumps(data)
    connection.request("POST", path, body, {"Content-Type": kind})
    response = connection.getresponse()
    try:
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def stream(server, model, text="Hello, what can you do?", **options):
    data = {"model": model, "messages": user(text), "stream": True, **options}
    return post(server, data)[2]


def chunks(body):
    """Parse a stream as the specification says: all line ends, fields, comments."""
    lines = re.split(rb"\r\n|\r|\n", body.removeprefix(b"\xef\xbb\xbf"))
    found, data = [], []
    for line in lines:
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            found.append(b"\n".join(data))
            data = []
    return found


def text_of(body):
    """Return the text of a stream, whatever odd chunks are in it."""
    texts = []
    for data in chunks(body):
        chunk = json.loads(data) if data.startswith(b"{") else {}
        for choice in chunk.get("choices") or []:
            texts.append((choice.get("delta") or {}).get("content") or "")
    return "".join(texts)


def open_socket(server, model, stream=True):
    """Return a connection on which a request has been sent."""
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    body = json.dumps({"model": model, "messages": user("Hello?"), "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    sock.sendall(head.encode() + body)
    return sock


def read_until(sock, mark):
    data = b""
    while mark not in data:
        more = sock.recv(65536)
        assert more, data
        data += more
    return data


# What it says.


def test_the_models_begin_with_the_demo(client):
    names = [model.id for model in client.models.list()]
    assert names[0] == "parlor-demo"
    assert not [name for name in names if name.startswith("fault")]


def test_an_answer_says_first_that_it_is_no_ai_and_quotes_the_question(client):
    answer = ask(client, "Why is the sky blue?\nI wonder.")
    assert "demo model, not an AI" in answer.split(":")[0]
    assert "> Why is the sky blue?\n> I wonder." in answer
    assert all(mark in answer for mark in ("```python", "| ---", "$$", "OPENAI_BASE_URL"))


def test_a_greeting_gets_a_short_answer(client):
    assert len(ask(client, "hi")) < 200


@pytest.mark.parametrize(
    ("question", "mark"),
    [("Show me code", "```sh"), ("A table please", "| Django"), ("Some maths", r"\frac{-b")],
)
def test_a_question_gets_what_it_asks_for(client, question, mark):
    assert mark in ask(client, question)


@pytest.mark.parametrize(
    ("question", "count"), [("Tell me a long story", 3000), ("Write 500 words", 500)]
)
def test_an_answer_is_as_long_as_asked_for(client, question, count):
    assert count * 0.95 <= len(ask(client, question).split()) <= count * 1.05


@pytest.mark.parametrize(
    "question", ["x" * 5000, "😀" * 500, "\ud800", "a\0b\u2028c\r\nd", "> ```\n$$", "مرحبا", " "]
)
def test_any_question_can_be_quoted(server, question):
    status, _, body = post(server, {"messages": user(question)})
    assert status == 200
    answer = json.loads(body)["choices"][0]["message"]["content"]
    answer.encode()
    assert len(answer) < 2000


def test_it_remembers_what_was_said(client):
    said = ["My name is Ada.", "I like tea.", "What did I say first?"]
    assert "> My name is Ada." in ask(client, *said)
    assert "> I like tea." in ask(client, *said[:2], "What did I say before?")
    assert "Ada" in ask(client, *said[:2], "What is my name?")
    assert "first message" in ask(client, "What did I say first?")


def test_a_summary_keeps_the_facts(client):
    said = user("My name is Ada. I live in Prague. " + "And so on. " * 200)
    said.append({"role": "assistant", "content": "The code is 4711. Well."})
    said += user("Summarise our conversation.")
    reply = client.chat.completions.create(model="parlor-demo", messages=said)
    summary = reply.choices[0].message.content
    assert all(fact in summary for fact in ("Ada", "Prague", "4711"))
    assert len(summary) < 500
    assert "Ada" in ask(client, "Summarise this:\nuser: My name is Ada.\nassistant: Hello.")


def test_a_title_has_a_few_words(client):
    messages = [{"role": "system", "content": "Write a title for the conversation."}]
    messages += user("how do I bake a very good loaf of bread at home?")
    reply = client.chat.completions.create(model="parlor-demo", messages=messages)
    assert reply.choices[0].message.content == "How do i bake a"


def test_a_stream_has_a_role_the_words_a_finish_reason_and_usage(client):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    stream = client.chat.completions.create(model="parlor-demo", messages=user("hi"), **options)
    first, *middle, finish, usage = list(stream)
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    text = "".join(chunk.choices[0].delta.content for chunk in middle)
    assert text == ask(client, "hi")
    assert (finish.choices[0].finish_reason, usage.choices) == ("stop", [])
    assert usage.usage.completion_tokens == len(middle)


def test_the_thinking_model_thinks_first(server):
    body = stream(server, "parlor-demo-thinking")
    assert body.index(b"reasoning_content") < body.index(b"Parlor's")
    assert "prepared text" not in text_of(body)


def test_an_answer_ends_at_the_token_limit(client):
    messages = user("Write 500 words")
    reply = client.chat.completions.create(model="x", messages=messages, max_completion_tokens=9)
    assert reply.choices[0].finish_reason == "length"
    assert reply.usage.completion_tokens == 9


# Pictures.


@pytest.mark.parametrize(
    ("size", "sides"),
    [("1024x1024", (1024, 1024)), ("1536x1024", (1536, 1024)), ("auto", (1024, 1024))],
)
def test_a_picture_has_the_size_asked_for(client, size, sides):
    answer = client.images.generate(model="parlor-demo-image", prompt="A hill", size=size)
    picture = base64.b64decode(answer.data[0].b64_json)
    assert picture.startswith(PNG)
    assert struct.unpack(">II", picture[16:24]) == sides
    assert answer.usage.output_tokens


def test_pictures_differ_by_their_prompts(client):
    made = {client.images.generate(prompt=one, size="256x256").data[0].b64_json for one in "aab"}
    assert len(made) == 2


def test_pictures_can_be_edited(client, server):
    files = [io.BytesIO(landscape("x", 64, 64)) for _ in range(2)]
    named = [("a.png", one, "image/png") for one in files]
    answer = client.images.edit(image=named, prompt="Make it 日本", model="parlor-demo-image")
    assert base64.b64decode(answer.data[0].b64_json).startswith(PNG)
    body = server.requests[-1]["body"]
    assert body["prompt"] == "Make it 日本"
    assert [one["file"] for one in body["image"]] == ["a.png", "a.png"]


def test_what_is_no_picture_cannot_be_edited(client):
    with pytest.raises(openai.BadRequestError):
        client.images.edit(image=("a.png", b"<html>", "image/png"), prompt="x")


# HTTP.


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b"{}"])
def test_a_bad_body_is_a_400(server, body):
    status, _, answer = post(server, body)
    assert status == 400
    assert json.loads(answer)["error"]["message"]


def test_an_unknown_address_is_a_404_in_openais_form(server):
    status, _, answer = post(server, {}, "/v1/embeddings")
    assert (status, json.loads(answer)["error"]["type"]) == (404, "invalid_request_error")


def test_a_connection_serves_many_requests_also_in_chunks(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    data = json.dumps({"messages": user("hi")}).encode()
    sockets = set()
    for _ in range(3):
        pieces = iter([data[:5], data[5:]])
        connection.request("POST", "/v1/chat/completions", pieces, encode_chunked=True)
        assert b"demo model" in connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"GET\r\n\r\n", b"x" * 100_000])
def test_what_is_not_http_is_refused(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as sock:
        sock.sendall(sent)
        assert sock.recv(1000).startswith(b"HTTP/1.1 400")


def test_an_old_client_gets_a_stream_without_chunks(server):
    body = json.dumps({"messages": user("hi"), "stream": True}).encode()
    head = f"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as sock:
        sock.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.endswith(b"data: [DONE]\n\n")


# What is remembered of the requests.


def test_requests_are_remembered(client, server):
    ask(client, "hi", model="gpt-5", temperature=0.5)
    (record,) = server.requests
    assert (record["path"], record["model"]) == ("/v1/chat/completions", "gpt-5")
    assert record["body"]["temperature"] == 0.5
    assert (record["authorization"], record["ended"]) == (True, "complete")
    assert "sk-secret" not in json.dumps(server.requests)


def test_requests_are_shown_and_cleared_by_http(client, server):
    ask(client, "hi")
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/demo/requests")
    assert [one["path"] for one in json.load(connection.getresponse())] == ["/v1/chat/completions"]
    connection.request("DELETE", "/demo/requests")
    assert connection.getresponse().status == 204
    connection.close()
    assert server.requests == []


def test_requests_are_not_shown_to_a_page_from_elsewhere(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/demo/requests", headers={"Host": "evil.example:9099"})
    assert connection.getresponse().status == 404
    connection.close()


def test_a_client_that_hangs_up_is_noticed_at_once(server):
    server.pace = 60
    sock = open_socket(server, "parlor-demo")
    read_until(sock, b"content")
    server.wait_for(lambda requests: requests and requests[0]["pieces"] == 1)
    sock.close()
    (record,) = server.wait_for(lambda requests: requests[0]["ended"] != "running")
    assert (record["ended"], record["pieces"]) == ("client closed", 1)


@pytest.mark.parametrize("model", ["fault-silent", "fault-headers-only", "fault-stall"])
def test_hanging_up_ends_a_silent_answer(server, model):
    with open_socket(server, model):
        server.wait_for(bool)
    server.wait_for(lambda requests: requests[0]["ended"] == "client closed")


# Faults.


def test_an_unknown_fault_is_refused(server):
    with pytest.raises(ValueError, match="nonsense"):
        server.fault = "nonsense"
    assert post(server, {"model": "fault-nonsense", "messages": user("hi")})[0] == 404


ERRORS = {
    "401": 401, "403": 403, "400-key": 400, "404-model": 404, "429": 429, "quota": 429,
    "context": 400, "context-413": 413, "policy": 400, "500": 500, "502-html": 502, "529": 529,
    "408": 408, "error-string": 400, "error-null": 400, "error-list": 400, "error-not-json": 400,
    "error-detail": 422, "error-hostile": 400, "html-200": 200, "empty-200": 200, "204": 204,
}  # fmt: skip


@pytest.mark.parametrize(("name", "status"), ERRORS.items())
def test_an_error_has_its_status_by_model_and_by_setting(server, name, status):
    data = {"messages": user("hi"), "stream": True}
    assert post(server, {"model": f"fault-{name}", **data})[0] == status
    server.fault = name
    assert post(server, {"model": "parlor-demo", **data})[0] == status


def test_the_key_is_quoted_whole(client):
    with pytest.raises(openai.AuthenticationError, match="sk-secret"):
        ask(client, "hi", model="fault-401-key")


def test_a_model_that_is_gone_is_named(client):
    with pytest.raises(openai.NotFoundError, match="gpt-gone"):
        ask(client, "hi", model="gpt-gone")


@pytest.mark.parametrize(("name", "times"), [("429-once", 1), ("500-twice", 2)])
def test_some_faults_pass(server, name, times):
    data = {"model": f"fault-{name}", "messages": user("hi")}
    statuses = [post(server, data)[0] for _ in range(times + 2)]
    assert statuses == [int(name[:3])] * times + [200, 200]


def test_the_wait_asked_for_is_scaled(server):
    server.scale = 1
    headers = post(server, {"model": "fault-429", "messages": user("hi")})[1]
    assert headers["Retry-After"] == "2"


def test_a_shorter_conversation_fits(server):
    statuses = [
        post(server, {"model": "fault-context-once", "messages": user(*texts)})[0]
        for texts in (["a", "b", "c"], ["a", "b", "c"], ["b", "c"], ["a", "b", "c"])
    ]
    assert statuses == [400, 400, 200, 400]


def test_a_small_context_is_outgrown(server):
    short, long = user("hi"), user("word " * 500)
    small, silent = "fault-context-small", "fault-context-nothing-small"
    assert [post(server, {"model": small, "messages": each})[0] for each in (short, long)] == [
        200, 400,
    ]  # fmt: skip
    status, headers, body = post(server, {"model": silent, "messages": long, "stream": True})
    assert (status, headers["Content-Type"].split(";")[0], body) == (200, "text/event-stream", b"")


def test_who_may_not_stream_gets_one_whole_answer(server):
    data = {"model": "fault-stream-unverified", "messages": user("hi")}
    assert post(server, {**data, "stream": True})[0] == 400
    status, headers, body = post(server, data)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body)["choices"][0]["message"]["content"]


@pytest.mark.parametrize("name", ERROR_FAULTS)
def test_an_error_of_a_service_is_sent_as_it_is_written_down(server, name):
    fault = ERROR_FAULTS[name]
    status, headers, body = post(server, {"model": f"fault-{name}", "messages": user("hi")})
    assert status == fault.status
    assert {key: headers[key] for key in fault.headers} == fault.headers
    assert body == fault.body if isinstance(fault.body, bytes) else json.loads(body) == fault.body


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("max-tokens", {"max_tokens": 5}),
        ("max-completion-tokens", {"max_completion_tokens": 5}),
        ("temperature", {"temperature": 0.5}),
        ("stream-options", {"stream_options": {"include_usage": True}}),
        ("system-role", {"messages": [{"role": "system", "content": "Be kind."}]}),
    ],
)
def test_an_unsupported_parameter_is_refused_until_it_is_left_out(server, name, option):
    data = {"model": f"fault-{name}", "messages": user("hi"), "stream": True}
    assert post(server, {**data, **option})[0] == 400
    assert post(server, data)[0] == 200


WHOLE = [
    "no-done", "pause", "empty-choices", "odd-chunks", "first-role-only", "first-null",
    "first-text", "finish-with-text", "usage-with-finish", "usage-empty-delta", "usage-each",
    "usage-unasked", "no-usage", "length", "filter", "no-finish", "reasoning", "reasoning-field",
    "sse-variants", "sse-bom", *(name for name in FAULTS if name.startswith(("sse-", "odd-"))),
]  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_strange_stream_has_all_its_text(server, name):
    assert text_of(stream(server, f"fault-{name}")) == TEXT


@pytest.mark.parametrize("name", WHOLE)
def test_a_fault_of_the_stream_has_its_text_in_one_body_too(server, name):
    data = {"model": f"fault-{name}", "messages": user("hi")}
    choice = json.loads(post(server, data)[2])["choices"][0]
    assert choice["message"]["content"] == TEXT


def test_words_that_keep_the_connection_open_are_left_out_of_one_body(server):
    data = {"model": "fault-pings", "messages": user("hi")}
    assert json.loads(post(server, data)[2])["choices"][0]["message"]["content"] == TEXT


@pytest.mark.parametrize("name", ["error-in-stream", "event-error"])
def test_an_error_comes_after_text(server, name):
    body = stream(server, f"fault-{name}")
    assert text_of(body) == TEXT
    assert "error" in json.loads(chunks(body)[-1])


@pytest.mark.parametrize("name", ["no-finish", "no-finish-done"])
def test_a_stream_can_end_without_a_finish_reason(server, name):
    assert b'"finish_reason": "' not in stream(server, f"fault-{name}")


def test_a_stream_can_be_cut(server):
    with pytest.raises(http.client.IncompleteRead):
        stream(server, "fault-cut")


def test_a_stream_can_be_reset(server):
    with open_socket(server, "fault-reset") as sock, pytest.raises(ConnectionResetError):
        read_until(sock, b"never")


def test_a_stream_can_be_kept_alive_by_comments_for_ever(server):
    with open_socket(server, "fault-stall-comments") as sock:
        read_until(sock, b": keep-alive\n\n\r\n" + b"e\r\n: keep-alive")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nul", "before\0after\0 end"),
        ("surrogate", "before \ud800 after"),
        ("split-emoji", "smile \ud83d\ude00 end"),
        ("bytewise", "Žluťoučký kůň 你好 😀 مرحبا"),
        ("line-ends", LINE_ENDS),
        ("markup", MARKUP),
        ("empty", ""),
        ("null-content", ""),
        ("refusal", ""),
        ("tool-calls", ""),
    ],
)
def test_text_arrives_as_it_was_made(server, name, text):
    assert text_of(stream(server, f"fault-{name}")) == text


@pytest.mark.parametrize(
    ("name", "size", "count"),
    [("one-big", 2**20, 1), ("10mb", 160 * 2**16, 160), ("fast", 20_000, 20_000)],
)
def test_big_answers_have_their_size(server, name, size, count):
    assert len(text_of(stream(server, f"fault-{name}"))) == size
    assert server.requests[-1]["pieces"] == count


def test_an_endless_answer_ends_when_the_client_goes(server):
    with open_socket(server, "fault-endless") as sock:
        for _ in range(100):
            assert sock.recv(65536)
    server.wait_for(lambda requests: requests[0]["ended"] == "client closed")


@pytest.mark.parametrize(
    ("name", "sign"), [("html", b"<!DOCTYPE"), ("empty", b'"data": []'), ("huge", b"gpt-1997")]
)
def test_the_list_of_models_can_be_odd(server, name, sign):
    server.fault = f"models-{name}"
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/v1/models")
    assert sign in connection.getresponse().read()
    connection.close()
    assert post(server, {"messages": user("hi")})[0] == 200


def test_a_picture_can_be_refused(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.generate(prompt="x", model="fault-image-moderation")
    assert caught.value.code == "moderation_blocked"


def test_a_picture_can_be_an_address(client, server):
    answer = client.images.generate(prompt="x", model="fault-image-url")
    assert answer.data[0].url == f"http://127.0.0.1:{server.port}/demo/picture.png"
    server.fault = "image-url-elsewhere"
    answer = client.images.generate(prompt="see http://127.0.0.1:1/a.png")
    assert answer.data[0].url == "http://127.0.0.1:1/a.png"


@pytest.mark.parametrize("name", ["image-not-base64", "image-not-image", "image-html", "image-cut"])
def test_a_picture_can_be_none(client, name):
    content = client.images.generate(prompt="x", model=f"fault-{name}").data[0].b64_json
    try:
        assert b"IEND" not in base64.b64decode(content, validate=True)
    except binascii.Error:
        assert name == "image-not-base64"


# The process.


def start_process(*arguments):
    command = [*COMMAND, "--port", "0", *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    return process, re.fullmatch(
        r"listening on http://127\.0\.0\.1:(\d+)/v1\n", process.stdout.readline()
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly_though_streams_are_open(number):
    assert_quick(lambda: seconds_to_end_by(number), 1)


def seconds_to_end_by(number):
    process, line = start_process("--fault", "stall", "--pace", "0")
    with socket.create_connection(("127.0.0.1", int(line[1])), timeout=PATIENCE) as sock:
        body = json.dumps({"messages": user("hi"), "stream": True})
        sock.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body.encode())
        )
        read_until(sock, b"parts.")
        started = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        seconds = time.monotonic() - started
    assert (process.returncode, out, err) == (0, "", "")
    return seconds


def test_the_log_has_a_line_for_a_request_and_one_for_a_client_that_left(tmp_path):
    log = tmp_path / "log"
    with log.open("w") as file, DemoServer(log=file) as server:
        with open_socket(server, "fault-stall") as sock:
            read_until(sock, b"parts.")
        server.wait_for(lambda requests: requests[0]["ended"] == "client closed")
    first, second = log.read_text().splitlines()
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} #1 "
    assert re.fullmatch(stamp + r'POST "/v1/chat/completions" "fault-stall"', first)
    assert re.fullmatch(stamp + r"client closed after 3 pieces, \d+\.\d\d s", second)


def test_all_faults_are_listed():
    command = [*COMMAND, "--list-faults"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == [f"fault-{name}" for name in FAULTS]


def test_a_port_in_use_is_told_in_one_line(server):
    command = [*COMMAND, "--port", str(server.port)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1


def test_a_server_started_again_has_its_old_port():
    with DemoServer() as server:
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with server:
        assert server.port == port
