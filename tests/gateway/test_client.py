import base64
import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.gateway import call as openai_calls
from apps.gateway import client as openai_gateway
from apps.gateway import model_quirks
from apps.gateway.client import Call, ChatRequest, GatewayError, Usage
from apps.gateway.reply import parser
from tests.upstream import (
    DONE,
    PATIENCE,
    STOP,
    Upstream,
    after,
    bytewise,
    data,
    delta,
    endlessly,
    error,
    every_second,
    hang,
    head,
    keep,
    openai_error,
    part,
    reply,
    reset,
    until,
)

pytestmark = pytest.mark.any_engine

THREE = [head(), part("one "), part("two "), part("three")]
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789WXYZ"


@pytest.fixture(autouse=True)
def limits(settings):
    model_quirks.forget()  # The address of an upstream may be one that a test had before.
    settings.OPENAI_API_KEY = KEY
    settings.OPENAI_CONNECT_SECONDS = 2
    settings.OPENAI_FIRST_BYTE_SECONDS = 20
    settings.OPENAI_SILENCE_SECONDS = 20
    settings.OPENAI_TOTAL_SECONDS = 60
    settings.OPENAI_RETRY_SECONDS = (0.01, 0.02)
    settings.CHAT_REPLY_MAX_CHARS = 1_000_000
    settings.CHAT_GATHER_SECONDS = 0.01
    settings.IMAGE_TIMEOUT_SECONDS = 20


class Asked:
    """One reply asked for, and all that came of it."""

    def __init__(self, *, call=None, deliver=None, **request):
        self.pieces = []
        self.waits = []
        self.code = self.outcome = self.error = None
        self._deliver = deliver
        request.setdefault("messages", [{"role": "user", "content": "How is Totoro?"}])
        question = ChatRequest("gpt-test", **request)
        try:
            self.outcome = openai_gateway.stream_reply(
                question, call or Call(), self.take, self.waits.append
            )
        except GatewayError as failure:
            self.error, self.code = failure, failure.code

    def take(self, text, reasoning):
        self.pieces.append((text, reasoning))
        if self._deliver:
            self._deliver(text, reasoning)

    @property
    def text(self):
        return "".join(text for text, _ in self.pieces)

    @property
    def reasoning(self):
        return "".join(reasoning for _, reasoning in self.pieces)

    @property
    def finish(self):
        return self.outcome and self.outcome.finish_reason


def after_three(arrived):
    """Return what sets the event when all of THREE has been delivered."""
    texts = []

    def deliver(text, _):
        texts.append(text)
        if "".join(texts) == "one two three":
            arrived.set()

    return deliver


@pytest.fixture
def upstream(settings):
    """Start a server with these scripts; the settings point to it."""
    servers = []

    def start(*scripts, **options):
        server = Upstream(*scripts, **options).__enter__()
        servers.append(server)
        settings.OPENAI_BASE_URL = server.url
        return server

    yield start
    for server in servers:
        server.__exit__()


@pytest.fixture(scope="session")
def server_tls(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has vouched for, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return SimpleNamespace(context=context, path=path)


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


# A. The upstream answers with an error.


@pytest.mark.row("O-001")
def test_a_wrong_key_is_credentials(upstream, caplog):
    message = "Incorrect API key provided: sk-abc***1234"
    server = upstream(openai_error(401, "invalid_api_key", message))
    assert Asked().code == "credentials"
    assert len(server.requests) == 1
    assert caplog.text.count("invalid_api_key") == 1
    assert "sk-abc" not in caplog.text


@pytest.mark.row("O-002")
def test_the_key_is_in_no_log_line(upstream, caplog):
    caplog.set_level("DEBUG", logger="apps")
    upstream(openai_error(401, "invalid_api_key", f"Wrong key {KEY}, Bearer {KEY[:30]}"))
    asked = Asked()
    assert KEY not in caplog.text
    assert KEY[:30] not in caplog.text
    assert "sk-…WXYZ" in caplog.text
    assert KEY not in f"{asked.error!r} {asked.error} {vars(asked.error)}"
    assert asked.error.__suppress_context__  # A traceback of ours would print the library's words.


@pytest.mark.row("O-003")
def test_a_model_that_is_gone_is_model(upstream):
    upstream(openai_error(404, "model_not_found", "The model `gpt-gone` does not exist"))
    assert Asked().code == "model"


@pytest.mark.row("O-004")
def test_a_short_retry_after_is_waited_for(upstream):
    moments = []
    server = upstream(
        [lambda client: moments.append(time.monotonic()),
         openai_error(429, "rate_limit_exceeded", Retry_After="0.3")],
        [lambda client: moments.append(time.monotonic()), reply("at last")],
    )  # fmt: skip
    asked = Asked()
    assert (asked.text, asked.finish) == ("at last", "stop")
    assert asked.waits == [pytest.approx(0.3, rel=0.11)]
    assert moments[1] - moments[0] >= 0.3
    assert len(server.requests) == 2


@pytest.mark.row("O-005")
def test_a_long_retry_after_is_told_at_once(upstream):
    server = upstream(openai_error(429, "rate_limit_exceeded", Retry_After="3600"))
    asked = Asked()
    assert (asked.code, asked.error.retry_after) == ("rate", 3600)
    assert (len(server.requests), asked.waits) == (1, [])


def test_a_retry_after_may_be_a_date(upstream):
    upstream(openai_error(429, "rate_limit", Retry_After="Fri, 31 Dec 2199 23:59:59 GMT"))
    assert Asked().error.retry_after == 7 * 86_400


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "1e9", ""])
def test_a_retry_after_that_makes_no_sense_is_ignored(upstream, value):
    upstream(openai_error(429, "rate_limit", Retry_After=value), reply("fine"))
    assert Asked().text == "fine"


@pytest.mark.row("O-006")
def test_a_used_up_budget_is_quota_and_not_tried_again(upstream):
    server = upstream(openai_error(429, "insufficient_quota"))
    assert Asked().code == "quota"
    assert len(server.requests) == 1


@pytest.mark.row("O-007")
@pytest.mark.parametrize(
    "answer",
    [
        openai_error(400, "context_length_exceeded"),
        error(400, {"error": {"type": "exceed_context_size_error", "code": 400}}),
        error(400, {"error": {"message": "litellm.ContextWindowExceededError", "code": "400",
                              "type": "ContextWindowExceededError"}}),
        error(400, {"error": "This model's maximum context length is 8192 tokens."}),
        error(413, {"detail": "too large"}),
        error(500, {"error": {"code": "context_length_exceeded"}}),
    ],
)  # fmt: skip
def test_too_long_a_conversation_is_context(upstream, answer):
    server = upstream(answer)
    assert Asked().code == "context"
    assert len(server.requests) == 1


UNSUPPORTED = "Unsupported parameter: '{0}' is not supported with this model. Use {1} instead."


def refuse(name, other="another", code="unsupported_parameter", param=None):
    body = {"code": code, "param": param or name, "message": UNSUPPORTED.format(name, other)}
    return error(400, {"error": body})


@pytest.mark.row("O-008")
def test_a_refused_max_tokens_is_renamed_and_that_is_remembered(upstream):
    server = upstream(refuse("max_tokens", "'max_completion_tokens'"), reply("fine"))
    assert Asked(max_tokens=50).text == "fine"
    assert Asked(max_tokens=60).text == "fine"
    first, second, third = [request.json for request in server.requests]
    assert first["max_tokens"] == 50
    assert (second.get("max_tokens"), second["max_completion_tokens"]) == (None, 50)
    assert (third.get("max_tokens"), third["max_completion_tokens"]) == (None, 60)


def test_a_server_that_only_knows_the_old_name_gets_it_back(upstream):
    server = upstream(
        refuse("max_tokens", "max_completion_tokens"),
        reply("fine"),
        error(422, {"detail": [{"loc": ["body", "max_completion_tokens"],
                                "msg": "Extra inputs are not permitted"}]}),
        reply("fine"),
    )  # fmt: skip
    Asked(max_tokens=50)
    Asked(max_tokens=50)
    assert "max_tokens" in server.requests[-1].json


@pytest.mark.row("O-008")
def test_a_refused_temperature_is_left_out(upstream):
    server = upstream(refuse("temperature", code="unsupported_value"), reply("fine"))
    assert Asked(temperature=0.5).text == "fine"
    assert [request.json.get("temperature") for request in server.requests] == [0.5, None]


def test_refused_stream_options_are_left_out(upstream):
    words = {"error": {"message": "Unrecognized request argument supplied: stream_options"}}
    server = upstream(error(400, words), reply("fine"))
    assert Asked().text == "fine"
    assert "stream_options" not in server.requests[1].json


def test_two_refused_parameters_cost_two_more_requests(upstream):
    server = upstream(refuse("max_tokens"), refuse("temperature"), reply("fine"))
    assert Asked(max_tokens=9, temperature=1).text == "fine"
    assert len(server.requests) == 3


def test_a_refused_system_role_joins_the_first_question(upstream):
    words = {"error": {"message": "System role not supported", "code": 400}}
    server = upstream(error(400, words), reply("fine"))
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]
    assert Asked(messages=messages).text == "fine"
    assert server.requests[1].json["messages"] == [{"role": "user", "content": "Be brief.\n\nWhy?"}]


@pytest.mark.row("O-008")
def test_what_is_refused_again_is_rejected(upstream):
    server = upstream(refuse("temperature"), refuse("temperature"))
    assert Asked(temperature=0.5).code == "rejected"
    assert len(server.requests) == 2


def test_a_limit_that_is_too_large_is_no_refused_name(upstream):
    words = {"error": {"message": "max_tokens is too large: 100000", "code": "invalid_value"}}
    server = upstream(error(400, words))
    assert Asked(max_tokens=100_000).code == "rejected"
    assert len(server.requests) == 1


@pytest.mark.row("O-009")
@pytest.mark.parametrize(
    ("code", "message"),
    [("content_policy_violation", "x"), ("content_filter", "x"), ("moderation_blocked", "x"),
     (None, "triggering Azure OpenAI's content management policy")],
)  # fmt: skip
def test_content_rules_are_policy(upstream, code, message):
    upstream(openai_error(400, code, message))
    assert Asked().code == "policy"


@pytest.mark.row("O-010")
@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 529])
def test_an_answer_after_two_failures_is_an_answer(upstream, status):
    failure = openai_error(status, "server_error")
    server = upstream(failure, failure, reply("third time"))
    asked = Asked()
    assert (asked.text, asked.finish) == ("third time", "stop")
    assert (len(server.requests), len(asked.waits)) == (3, 2)


@pytest.mark.row("O-011")
def test_three_failures_are_unavailable(upstream, caplog):
    page = b"<html><h1>502 Bad Gateway</h1><hr>nginx</html>"
    server = upstream(error(502, page))
    asked = Asked()
    assert (asked.code, str(asked.error)) == ("unavailable", "unavailable")
    assert len(server.requests) == 3
    assert len(warnings(caplog)) == 1


@pytest.mark.row("O-012")
@pytest.mark.parametrize(
    "body",
    [{"error": "this is not understood"}, {"error": None}, {"error": {}}, {"error": [1]}, ["x"], 1,
     None, "text", {"detail": "no"}, {"detail": [{"msg": "no"}]}, {"error": {"code": {"a": 1}}},
     {"error": {"message": ["x"], "code": 1.5, "type": True}}, b"no json", b"", b"\xff\xfe",
     b"[" * 100_000],
)  # fmt: skip
def test_a_refusal_in_any_shape_is_rejected(upstream, body, caplog):
    upstream(error(400, body))
    assert Asked().code == "rejected"
    assert "TypeError" not in caplog.text
    assert "AttributeError" not in caplog.text


@pytest.mark.row("O-013")
def test_words_of_the_upstream_are_one_line_of_the_log(upstream, caplog):
    message = "<img src=x onerror=alert(1)>\r\nFAKE LINE\x1b[31m\u2028red"
    upstream(openai_error(400, "bad\nthing", message))
    asked = Asked()
    assert "img" not in f"{asked.error!r}{asked.error.args}"
    (line,) = warnings(caplog)
    assert not set(line) & set("\r\n\x1b\u2028")
    assert "<img" in line


def test_the_log_has_neither_prompt_nor_reply(upstream, caplog):
    caplog.set_level("DEBUG", logger="apps")
    said = "Wrong input: 'How is Totoro?'"
    upstream(openai_error(400, "invalid", said), THREE)
    Asked()
    Asked()
    assert "Totoro" not in caplog.text
    assert "three" not in caplog.text


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": {"message": "API key not valid", "status": "INVALID"}}, "credentials"),
        (403, {"error": {"code": "unsupported_country_region_territory"}}, "credentials"),
        (403, {"error": {"message": "Project has no access to model", "code": "model_not_found"}},
         "model"),
        (404, {"error": {"message": 'model "x" not found, try pulling it first'}}, "model"),
        (404, b"<html>404 Not Found</html>", "rejected"),
        (402, {"error": {"message": "Insufficient Balance"}}, "quota"),
        (418, {}, "rejected"),
        (307, {}, "rejected"),
    ],
)  # fmt: skip
def test_errors_are_told_by_status_then_code_then_words(upstream, status, body, code):
    upstream(error(status, body))
    assert Asked().code == code


def test_a_redirect_is_not_followed(upstream):
    other = Upstream(reply("stolen")).__enter__()
    upstream(error(307, {}, Location=f"{other.url}/chat/completions"))
    assert Asked().code == "rejected"
    assert other.requests == []
    other.__exit__()


def test_an_endless_error_is_not_read_to_its_end(upstream):
    server = upstream([head("500 Oops", "text/html"), endlessly(b"x" * 65536)])
    assert Asked().code == "unreadable"
    assert server.hung_up.wait(PATIENCE)


# B. The upstream cannot be reached or goes silent.


@pytest.mark.row("O-014")
def test_a_closed_port_is_unreachable(upstream):
    upstream(b"").__exit__()
    asked = Asked()
    assert asked.code == "unreachable"
    assert len(asked.waits) == 2


@pytest.mark.row("O-015")
def test_an_unknown_host_is_unreachable(settings):
    settings.OPENAI_BASE_URL = "http://no-such-host.invalid/v1"
    assert Asked().code == "unreachable"


@pytest.mark.row("O-016")
def test_a_self_signed_certificate_is_unreachable(upstream, server_tls, caplog):
    server = upstream(reply("never"), tls=server_tls.context)
    assert Asked().code == "unreachable"
    assert server.requests == []
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


def test_a_certificate_the_system_trusts_is_good(upstream, server_tls, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(server_tls.path))
    server = upstream([reply("a" * 100_000, "b" * 100_000)], tls=server_tls.context)
    assert Asked().text == "a" * 100_000 + "b" * 100_000
    assert len(server.requests) == 1


@pytest.mark.row("O-017")
def test_a_server_that_never_answers_is_timeout(upstream, settings, clock):
    settings.OPENAI_SILENCE_SECONDS = 50
    server = upstream([after(clock, 21), hang])
    assert Asked().code == "timeout"
    assert server.hung_up.wait(PATIENCE)
    assert len(server.requests) == 1


@pytest.mark.row("O-018")
@pytest.mark.parametrize("nothing", [b"", b": keep-alive\n\n", delta(role="assistant")])
def test_headers_then_nothing_is_timeout(upstream, settings, clock, nothing):
    settings.OPENAI_SILENCE_SECONDS = 50
    server = upstream([head(), every_second(clock, nothing)])
    asked = Asked()
    assert (asked.code, asked.pieces) == ("timeout", [])
    assert server.hung_up.wait(PATIENCE)


@pytest.mark.row("O-019")
def test_silence_after_three_parts_is_cut(upstream, settings, clock):
    settings.OPENAI_FIRST_BYTE_SECONDS = 50
    arrived = threading.Event()
    server = upstream([*THREE, until(arrived), after(clock, 21), hang])
    asked = Asked(deliver=after_three(arrived))
    assert (asked.text, asked.code) == ("one two three", "cut")
    assert server.hung_up.wait(PATIENCE)
    assert len(server.requests) == 1


@pytest.mark.row("O-020")
@pytest.mark.parametrize("noise", [b": keep-alive\n\n", data({"choices": []}), part("")])
def test_comments_and_empty_chunks_are_no_answer(upstream, settings, clock, noise):
    settings.OPENAI_FIRST_BYTE_SECONDS = 50
    arrived = threading.Event()
    server = upstream([*THREE, until(arrived), every_second(clock, noise)])
    asked = Asked(deliver=after_three(arrived))
    assert (asked.text, asked.code) == ("one two three", "cut")
    assert server.hung_up.wait(PATIENCE)


@pytest.mark.row("O-021", "O-022", "O-023")
@pytest.mark.parametrize(
    "end",
    [
        [],  # A clean end.
        [reset],
        [b'data: {"choices": [{"delta": {"con'],
        [b"data: "],
    ],
)
def test_an_answer_without_its_end_is_cut(upstream, end):
    server = upstream([*THREE, *end])
    asked = Asked()
    assert (asked.text, asked.code) == ("one two three", "cut")
    assert len(server.requests) == 1


@pytest.mark.row("O-021")
def test_a_chunked_body_without_its_last_chunk_is_cut(upstream):
    body = part("one ") + part("two")
    server = upstream(head(Transfer_Encoding="chunked") + b"%x\r\n%s\r\n" % (len(body), body))
    asked = Asked()
    assert (asked.text, asked.code) == ("one two", "cut")
    assert len(server.requests) == 1


@pytest.mark.row("O-024")
def test_done_may_be_missing(upstream):
    upstream([*THREE, STOP])
    asked = Asked()
    assert (asked.text, asked.finish) == ("one two three", "stop")


@pytest.mark.parametrize("end", [[reset], [hang], [DONE, hang]])
def test_what_happens_after_the_finish_reason_does_no_harm(upstream, clock, end):
    upstream([*THREE, STOP, after(clock, 6), *end])
    asked = Asked()
    assert (asked.text, asked.finish) == ("one two three", "stop")


@pytest.mark.row("O-025")
def test_a_pause_below_the_limit_is_no_end(upstream):
    go_on = threading.Event()
    upstream([head(), part("one "), until(go_on), part("two"), STOP, DONE])
    asked = Asked(deliver=lambda text, _: go_on.set())
    assert asked.pieces == [("one ", ""), ("two", "")]
    assert asked.finish == "stop"


def test_a_connection_that_breaks_before_the_answer_is_tried_again(upstream):
    server = upstream(reset, b"", reply("fine"))
    assert Asked().text == "fine"
    assert len(server.requests) == 3


def test_a_stream_that_breaks_before_its_first_piece_is_not_tried_again(upstream):
    server = upstream([head(), reset])
    assert Asked().code == "unavailable"
    assert len(server.requests) == 1


def test_a_key_no_header_can_hold_is_credentials(upstream, settings):
    server = upstream(reply("never"))
    settings.OPENAI_API_KEY = "sk-ключ"
    assert Asked().code == "credentials"
    assert server.requests == []


# C. Strange streams.


@pytest.mark.row("O-026")
@pytest.mark.parametrize(
    ("event", "code"),
    [
        (data({"error": {"code": "server_error", "message": "x"}}), "unavailable"),
        (data({"error": {}}), "unavailable"),
        (data({"error": "boom"}), "unavailable"),
        (b"event: error\ndata: {}\n\n", "unavailable"),
        (b'event: error\ndata: {"message": "overloaded"}\n\n', "unavailable"),
        (data({"error": {"code": 429, "message": "slow down"}}), "rate"),
        (data({"error": {"code": "context_length_exceeded"}}), "context"),
        (delta("error"), "unavailable"),
    ],
)
def test_an_error_inside_the_stream_ends_it_and_keeps_the_text(upstream, event, code):
    server = upstream([*THREE, event, part("more"), STOP])
    asked = Asked()
    assert (asked.text, asked.code) == ("one two three", code)
    assert len(server.requests) == 1


@pytest.mark.row("O-027")
@pytest.mark.parametrize("broken", [b"{broken", b"[" * 100_000, b"\xff"])
def test_an_event_that_is_no_json_is_unreadable(upstream, broken):
    upstream([head(), part("a"), part("b"), data(broken), part("c"), part("d"), STOP])
    asked = Asked()
    assert (asked.text, asked.code) == ("ab", "unreadable")


@pytest.mark.row("O-028")
def test_chunks_without_choices_do_no_harm(upstream):
    empty = data({"choices": []})
    upstream([head(), empty, part("a"), empty, part("b"), empty, STOP, empty, DONE])
    asked = Asked()
    assert (asked.text, asked.finish) == ("ab", "stop")


@pytest.mark.row("O-029")
@pytest.mark.parametrize(
    "odd",
    [{}, {"choices": None}, {"choices": [{"delta": None}]}, {"choices": [{}]}, None, [1], 7, "x",
     {"choices": {}}, {"choices": [None]}, {"choices": [{"delta": {"content": 5}}]},
     {"choices": [{"delta": {"content": [5, {"type": 1}]}}]},
     {"choices": [{"delta": [], "index": "0"}]},
     {"error": None}, {"usage": {"prompt_tokens": 10**20, "completion_tokens": -1}},
     {"choices": [{"delta": {}, "finish_reason": ["stop"]}]}],
)  # fmt: skip
def test_chunks_of_any_shape_do_no_harm(upstream, odd):
    upstream([head(), data(odd), part("a"), data(odd), part("b"), STOP, data(odd), DONE])
    asked = Asked()
    assert (asked.text, asked.finish, asked.outcome.usage) == ("ab", "stop", None)


@pytest.mark.row("O-030")
@pytest.mark.parametrize("choices", [[], [{"delta": {}}]])
def test_usage_on_the_last_chunk_is_returned(upstream, choices):
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
    upstream([*THREE, STOP, data({"choices": choices, "usage": usage}), DONE])
    assert Asked().outcome.usage == Usage(12, 3)


@pytest.mark.row("O-031")
def test_no_usage_is_none(upstream):
    upstream(reply("a"))
    assert Asked().outcome.usage is None


@pytest.mark.row("O-032", "O-033")
@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_other_ends_are_ends(upstream, reason):
    upstream([*THREE, delta(reason), DONE])
    asked = Asked()
    assert (asked.text, asked.finish) == ("one two three", reason)


def test_a_filter_that_leaves_nothing_is_still_the_filter(upstream):
    upstream([head(), delta("content_filter"), DONE])
    assert Asked().finish == "content_filter"


@pytest.mark.row("O-034")
def test_a_refusal_is_the_answer(upstream):
    refusal = [delta(refusal="I can", content=None), delta(refusal="not.")]
    upstream([head(), *refusal, STOP, DONE])
    asked = Asked()
    assert (asked.text, asked.outcome.refused) == ("I cannot.", True)


@pytest.mark.row("O-035", "O-036")
@pytest.mark.parametrize(
    "events",
    [
        [delta(content=None), delta(content=None), STOP],
        [delta(role="assistant", content=""), STOP],
        [part(" \n"), STOP],
        [delta(reasoning_content="hm"), STOP],
        [part("<think>hm</think>"), STOP],
        [delta(role="assistant")],
    ],
)
def test_an_answer_without_text_is_empty(upstream, events):
    upstream([head(), *events, DONE])
    assert Asked().code == "empty"


@pytest.mark.row("O-037")
@pytest.mark.parametrize(
    "answer",
    [
        error(200, b"<html>Log in</html>"),
        head() + DONE,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        error(200, None),
        error(200, ["x"]),
        head(kind="application/json") + b"{",
        head(kind="application/json"),
    ],
)
def test_a_good_status_without_a_stream_is_unreadable(upstream, answer):
    server = upstream(answer)
    assert Asked().code == "unreadable"
    assert len(server.requests) == 1


def test_an_answer_in_one_piece_is_taken_though_a_stream_was_asked_for(upstream):
    message = {"role": "assistant", "content": "whole"}
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    choices = [{"message": message, "finish_reason": "stop"}]
    upstream(error(200, {"choices": choices, "usage": usage}))
    asked = Asked()
    assert (asked.text, asked.finish, asked.outcome.usage) == ("whole", "stop", Usage(1, 2))


@pytest.mark.row("O-038")
@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_alive_and_apart(upstream, clock, name):
    """It goes on for more than twice the limit of silence."""
    heard = threading.Semaphore(0)

    def think(client):
        for _ in range(9):
            client.send(delta(**{name: "hm "}))
            assert heard.acquire(timeout=PATIENCE)
            clock.forward(5)

    upstream([head(), think, part("Yes."), STOP, DONE])
    asked = Asked(deliver=lambda text, reasoning: heard.release())
    assert (asked.text, asked.finish) == ("Yes.", "stop")
    assert asked.reasoning.split() == ["hm"] * 9


def test_think_tags_are_reasoning_however_they_are_cut(upstream):
    said = "\n<think>Is < it?</thin no>\n</think>\n\nYes <think> it is"
    upstream([head(), *map(part, said), STOP, DONE])
    asked = Asked()
    assert asked.text == "Yes <think> it is"
    assert asked.reasoning == "Is < it?</thin no>"


@pytest.mark.parametrize("said", ["<thinker>", "<thi", "a <think>b</think>", " x"])
def test_what_only_looks_like_thinking_is_text(upstream, said):
    upstream([head(), *map(part, said), STOP, DONE])
    asked = Asked()
    assert (asked.text, asked.reasoning) == (said, "")


EVENTS = part("é") + b": ping\n\n" + part("b") + STOP + DONE


@pytest.mark.row("O-039")
@pytest.mark.parametrize(
    "body",
    [
        EVENTS,
        EVENTS.replace(b"\n", b"\r\n"),
        EVENTS.replace(b"\n", b"\r"),
        EVENTS.replace(b"data: ", b"data:"),
        EVENTS.replace(b", ", b",\ndata: "),
        b"\xef\xbb\xbf" + EVENTS,
        b": hello\n:\nid: 7\nretry: 10\nevent: message\nother\n" + EVENTS,
        EVENTS.removesuffix(b"\n\n"),
        EVENTS.removesuffix(b"\n" + DONE),
    ],
)
@pytest.mark.parametrize("send", [lambda body: body, bytewise])
def test_events_are_read_as_the_standard_says(upstream, body, send):
    upstream([head(), send(body)])
    asked = Asked()
    assert (asked.text, asked.finish) == ("éb", "stop")


# D. Text which breaks storage or display.


@pytest.mark.row("O-040", "O-042", "O-044", "O-045")
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb"a\u0000b", "ab"),
        (rb"a\ud800b", "a\ufffdb"),
        (rb"a\ud83d", "a\ufffd"),
        ("aé\u2028😀".encode(), "aé\u2028😀"),
        (rb"a\rb\r\nc\n\ndata: x\n\nevent: done\n", "a\nb\nc\n\ndata: x\n\nevent: done\n"),
        (rb"a\u001b[31m\tb\b", "a[31m\tb"),
        (b"a\xffb", "a\ufffdb"),
    ],
)
def test_text_is_cleaned(upstream, raw, text):
    body = b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % raw
    upstream([head(), bytewise(body), STOP, DONE])
    assert Asked().text == text


@pytest.mark.row("O-043")
def test_halves_of_an_emoji_in_two_chunks_are_joined(upstream):
    halves = [
        b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "\\ude00"}}]}\n\n',
    ]
    upstream([head(), part("x"), *halves, STOP, DONE])
    asked = Asked()
    assert asked.text == "x\U0001f600"
    assert all(text.isprintable() for text, _ in asked.pieces)


def test_what_is_sent_is_clean_too(upstream):
    server = upstream(reply("fine"))
    assert Asked(messages=[{"role": "user", "content": "a\ud800\x00b"}]).text == "fine"
    assert server.requests[0].json["messages"][0]["content"] == "a\ufffdb"


# E. Size and pace.


@pytest.mark.row("O-049")
def test_one_chunk_of_a_megabyte_is_cut_at_the_limit(upstream, settings):
    settings.CHAT_REPLY_MAX_CHARS = 600_000
    upstream(reply("x" * 1_000_000))
    openai_gateway.warm_up()
    started = time.process_time()
    asked = Asked()
    assert (asked.text, asked.code) == ("x" * 600_000, "too_big")
    assert time.process_time() - started < 2


def test_an_answer_as_long_as_the_limit_is_whole(upstream, settings):
    settings.CHAT_REPLY_MAX_CHARS = 4
    upstream(reply("ab", "cd"))
    assert (asked := Asked()).finish == "stop"
    assert asked.text == "abcd"


@pytest.mark.row("O-050")
def test_ten_megabytes_are_cut_at_the_limit_without_filling_the_memory(upstream):
    server = upstream([head(), *[part("y" * 65536)] * 160, STOP, DONE])
    length = 0

    def count(text, _):
        nonlocal length
        length += len(text)

    request = ChatRequest("gpt-test", [{"role": "user", "content": "Hi"}])
    openai_gateway.warm_up()
    tracemalloc.start()
    with pytest.raises(GatewayError, match="too_big"):
        openai_gateway.stream_reply(request, Call(), count)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length == 1_000_000
    assert peak < 50_000_000
    assert server.hung_up.wait(PATIENCE)


@pytest.mark.parametrize("noise", [b"x" * 65536, b"data: x\n" * 8192, b"data:\n" * 8192])
def test_an_event_without_end_does_not_fill_the_memory(upstream, noise):
    server = upstream([head(), part("a"), b"data: ", endlessly(noise)])
    asked = Asked()
    assert (asked.text, asked.code) == ("a", "unreadable")  # Nor is it told as long.
    assert server.hung_up.wait(PATIENCE)


def test_many_pieces_are_handed_over_together_and_the_first_at_once(upstream, settings):
    settings.CHAT_GATHER_SECONDS = 0.02
    go_on = threading.Event()
    upstream([head(), part("0"), until(go_on), *[part("x")] * 20_000, STOP, DONE])
    asked = Asked(deliver=lambda text, _: go_on.set())
    assert asked.pieces[0] == ("0", "")
    assert asked.text == "0" + "x" * 20_000
    assert len(asked.pieces) < 500


def test_the_gathering_time_can_be_stretched_meanwhile(upstream, monkeypatch):
    asked_for = []
    monkeypatch.setattr(openai_gateway, "gather_seconds", lambda: asked_for.append(1) or 0.0)
    go_on = threading.Event()
    upstream([head(), part("a"), until(go_on), part("b"), STOP])
    assert Asked(deliver=lambda text, _: go_on.set()).text == "ab"
    assert asked_for


@pytest.mark.row("O-053")
def test_an_endless_answer_ends_at_the_total_limit(upstream, clock):
    server = upstream([head(), endlessly(part("x"), 0.01)])
    asked = Asked(deliver=lambda text, _: clock.forward(1))
    assert asked.code == "cut"
    assert set(asked.text) == {"x"}
    assert server.hung_up.wait(PATIENCE)


# Closing a call, from another thread.


def close_when(event, call):
    def closer():
        event.wait(PATIENCE)
        call.close()

    threading.Thread(target=closer, daemon=True).start()


def test_a_call_closed_before_it_begins_sends_nothing(upstream):
    server = upstream(reply("never"))
    call = Call()
    call.close()
    assert Asked(call=call).finish == ""
    assert server.requests == []


@pytest.mark.parametrize("script", [[], [head()], THREE])
@pytest.mark.parametrize("silence", [hang, endlessly(b":\n\n", 0.01)])
def test_a_call_closed_in_silence_ends_at_once(upstream, script, silence):
    silent = threading.Event()
    server = upstream([*script, lambda client: silent.set(), silence])
    call = Call()
    close_when(silent, call)
    started = time.monotonic()
    asked = Asked(call=call)
    assert asked.finish == ""
    assert time.monotonic() - started < 15
    assert server.hung_up.wait(PATIENCE)
    assert len(server.requests) == 1


def test_a_call_closed_while_it_waits_to_try_again_ends_at_once(upstream):
    server = upstream(openai_error(429, "rate_limit", Retry_After="19"))
    waiting = threading.Event()
    call = Call()
    close_when(waiting, call)
    request = ChatRequest("gpt-test", [{"role": "user", "content": "Hi"}])
    outcome = openai_gateway.stream_reply(
        request, call, lambda *_: None, lambda seconds: waiting.set()
    )
    assert outcome.finish_reason == ""
    assert len(server.requests) == 1


def test_a_call_closed_while_it_connects_ends_at_once(settings):
    settings.OPENAI_CONNECT_SECONDS = 15
    call = Call()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(3)]  # Nobody accepts: the next must wait.
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        threading.Timer(0.2, call.close).start()
        started = time.monotonic()
        assert Asked(call=call).finish == ""
        assert time.monotonic() - started < 15
        for client in waiting:
            client.close()


def test_a_call_closed_by_the_receiver_ends_quietly(upstream):
    call = Call()
    server = upstream([*THREE, hang])
    asked = Asked(call=call, deliver=lambda text, _: call.close())
    assert asked.finish == ""
    assert server.hung_up.wait(PATIENCE)


def test_closing_a_call_that_has_ended_leaves_the_connection_to_the_next(upstream):
    body = part("a") + STOP + DONE
    whole = head(Content_Length=len(body)).replace(b"Connection: close\r\n", b"") + body
    server = upstream([whole, keep])
    first = Call()
    Asked(call=first)
    go_on = threading.Event()
    server.scripts = (whole, [whole[:-20], until(go_on), whole[-20:]])

    def close_first(text, _):
        first.close()
        go_on.set()

    assert Asked(deliver=close_first).finish == "stop"
    assert server.connections == 1


def test_closing_all_hangs_up_on_every_open_call(upstream):
    server = upstream([head(), part("one"), hang])  # Delivered once: nobody waits a second time.
    began = threading.Barrier(4)
    results = []

    def ask():
        results.append(Asked(deliver=lambda text, _: began.wait(PATIENCE)).finish)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    began.wait(PATIENCE)
    openai_gateway.close_all()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == ["", "", ""]
    assert len(server.requests) == 3


def test_nothing_is_left_open(upstream, clock):
    arrived = threading.Event()
    silence = [*THREE, until(arrived), after(clock, 21), hang]
    upstream(reply("a"), silence, openai_error(400, "x"), [head(), part("a"), reset])
    for _ in range(4):
        Asked(deliver=after_three(arrived))
    assert openai_calls._open == set()


def test_an_error_of_the_receiver_is_its_own(upstream):
    server = upstream([*THREE, hang])

    def refuse_all(text, _):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Asked(deliver=refuse_all)
    assert server.hung_up.wait(PATIENCE)


# What is sent, and the connection.


def test_the_least_is_sent(upstream):
    server = upstream(reply("fine"))
    Asked()
    request = server.requests[0]
    assert request.line.startswith("POST /v1/chat/completions ")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert set(request.json) == {"model", "messages", "stream", "stream_options"}


def test_a_server_without_keys_gets_a_dummy(upstream, settings):
    settings.OPENAI_API_KEY = ""
    server = upstream(reply("fine"))
    assert Asked().text == "fine"
    assert server.requests[0].headers["authorization"].startswith("Bearer ")


def test_proxies_of_the_environment_are_ignored(upstream, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    upstream(reply("fine"))
    assert Asked().text == "fine"


def test_a_connection_serves_again_after_done(upstream, monkeypatch):
    monkeypatch.setattr(parser, "_AFTER_DONE_SECONDS", PATIENCE)
    body = reply("a").partition(b"\r\n\r\n")[2]
    plain = head(Transfer_Encoding="chunked").replace(b"Connection: close\r\n", b"")
    whole = plain + b"%x\r\n%s\r\n" % (len(body), body)
    server = upstream([whole, b"0\r\n\r\n", keep])
    assert [Asked().text for _ in range(3)] == ["a", "a", "a"]
    assert server.connections == 1


def test_a_reply_can_be_had_whole(upstream):
    upstream(reply("a", "b"))
    request = ChatRequest("gpt-test", [{"role": "user", "content": "Title?"}])
    text, outcome = openai_gateway.complete(request)
    assert (text, outcome.finish_reason) == ("ab", "stop")


# Models.


def test_models_are_listed(upstream):
    rows = [{"id": "b"}, {"id": "a\x00"}, {"id": 7}, {}, None, {"id": "x" * 300}]
    server = upstream(error(200, {"object": "list", "data": rows}))
    assert [model.name for model in openai_gateway.list_models()] == ["b", "a"]
    assert server.requests[0].line.startswith("GET /v1/models ")


@pytest.mark.parametrize(
    ("answer", "code"),
    [(error(200, b"<html>"), "unreadable"), (error(200, {"data": None}), "unreadable"),
     (error(200, {"error": {}}), "unavailable"), (error(200, None), "unreadable"),
     (openai_error(401, "x"), "credentials"), (error(500, b""), "unavailable"),
     (b"", "unreachable"), ([head(), endlessly(b"x" * 65536)], "unreadable")],
)  # fmt: skip
def test_a_list_of_models_that_fails_says_why(upstream, answer, code):
    server = upstream(answer)
    with pytest.raises(GatewayError) as caught:
        openai_gateway.list_models()
    assert caught.value.code == code
    assert len(server.requests) == 1


# I. Images.

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50


def picture(data=PNG):
    return error(200, {"data": [{"b64_json": base64.b64encode(data).decode()}]})


def draw(call=None):
    options = {"model": "image-test", "size": "1024x1024", "quality": "", "call": call or Call()}
    return openai_gateway.make_image("A cat bus", **options)


def refused():
    with pytest.raises(GatewayError) as caught:
        draw()
    return caught.value.code


@pytest.mark.parametrize("data", [PNG, b"\xff\xd8\xff\xe0x", b"RIFF\x00\x00\x00\x00WEBPVP8 "])
def test_a_picture_is_made(upstream, data):
    server = upstream(picture(data))
    assert draw() == data
    assert server.requests[0].json == {
        "prompt": "A cat bus", "model": "image-test", "size": "1024x1024",
    }  # fmt: skip


def test_a_picture_is_edited(upstream):
    server = upstream(picture())
    options = {"model": "image-test", "size": "", "quality": "high", "call": Call()}
    assert openai_gateway.edit_image(PNG, "As Ghibli", **options) == PNG
    request = server.requests[0]
    assert request.line.startswith("POST /v1/images/edits ")
    assert PNG in request.body
    assert b'filename="picture.png"' in request.body


@pytest.mark.row("O-099")
def test_a_blocked_picture_is_policy(upstream):
    server = upstream(openai_error(400, "moderation_blocked"))
    assert refused() == "policy"
    assert len(server.requests) == 1


@pytest.mark.row("O-100")
def test_a_picture_that_never_comes_is_timeout_and_not_tried_again(upstream, clock):
    server = upstream([after(clock, 21), hang])
    assert refused() == "timeout"
    assert server.hung_up.wait(PATIENCE)
    assert len(server.requests) == 1


@pytest.mark.row("O-101")
@pytest.mark.parametrize(
    "answer",
    [error(200, {"data": [{"b64_json": "no base64!"}]}), picture(b"GIF89a"), picture(b"<html>"),
     error(200, b"<html>"), error(200, {"data": []}), error(200, {"data": None}),
     error(200, {"data": [{}]}), error(200, {"data": [None]}), error(200, {"data": [{"url": 7}]}),
     error(200, {"data": [{"url": "http://[bad"}]}), error(200, {"error": {}})],
)  # fmt: skip
def test_what_is_no_picture_is_unreadable(upstream, answer):
    upstream(answer)
    assert refused() == "unreadable"


@pytest.mark.row("O-102")
def test_a_picture_elsewhere_is_not_fetched(upstream):
    other = Upstream(error(200, PNG)).__enter__()
    address = other.url.replace("/v1", "/picture.png")
    upstream(error(200, {"data": [{"url": address}]}))
    assert refused() == "unreadable"
    assert other.connections == 0
    other.__exit__()


@pytest.mark.row("O-102")
def test_an_allowed_host_must_not_be_a_private_address(upstream, settings):
    settings.IMAGE_URL_HOSTS = ["localhost"]
    other = Upstream(error(200, PNG)).__enter__()
    address = other.url.replace("http://127.0.0.1", "https://localhost")
    upstream(error(200, {"data": [{"url": address}]}))
    assert refused() == "unreachable"
    assert other.connections == 0
    other.__exit__()


@pytest.mark.row("O-102")
def test_a_picture_on_the_upstream_itself_is_fetched_without_the_key(upstream):
    server = upstream(b"", head(kind="image/png", Content_Length=len(PNG)) + PNG)
    address = server.url.replace("/v1", "/files/1.png")
    server.scripts = (error(200, {"data": [{"url": address}]}), *server.scripts[1:])
    assert draw() == PNG
    assert "authorization" not in server.requests[1].headers


def test_a_picture_can_be_given_up(upstream):
    asked = threading.Event()
    server = upstream([lambda client: asked.set(), hang])
    call = Call()
    close_when(asked, call)
    with pytest.raises(GatewayError):
        draw(call)
    assert server.hung_up.wait(PATIENCE)


def test_the_library_is_not_loaded_before_it_is_needed():
    code = (
        "import sys; import apps.gateway.client; "
        "sys.exit(any(name in sys.modules for name in ('openai', 'httpx2', 'httpcore2')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
