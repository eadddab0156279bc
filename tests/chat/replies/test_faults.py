"""Everything that can go wrong at the AI service, from its bytes to the page.

Each fault of the demo server is one row of the table; a fault that is not in it fails the tests.
What single services answer instead of a reply is tested in tests/gateway/test_errors.py.
How the bytes are read is tested with the gateway; here it counts what a person is left with.
"""

import re
import threading
import time

import pytest
from django.db.backends.utils import CursorWrapper

from apps.chat.replies import runs
from apps.chat.replies.streaming import follow
from scripts.demo_openai import FAULTS
from scripts.demo_openai.faults.service_errors import ERROR_FAULTS
from scripts.demo_openai.faults.service_replies.chunks import HMM
from tests.chat.invariants import check_all
from tests.chat.talk import Stream, answered, ask, ended, page_of
from tests.live_server import wait_until
from tests.page import links
from tests.upstream import Upstream, hang, head, part, until

THREE = "Here are three parts."
USUAL = re.compile("demo model")  # What the demo says where nothing is wrong.
NOTHING = re.compile("^$")

# The codes of reliability.md: what the page says, and which buttons the reply then has.
AGAIN = {"Try again"}
ALWAYS = {"Regenerate", "Fork"}
SENTENCES = {
    "credentials": (
        "The AI service refused our credentials. Please tell the administrator.",
        AGAIN,
    ),
    "model": ("The model “parlor-demo” is not available. Choose another one.", AGAIN),
    "rate": ("The AI service is busy. Try again in a moment.", AGAIN),
    "quota": ("The budget for the AI service is used up. Please tell the administrator.", set()),
    "context": (
        "This conversation is too long for parlor-demo. Shorten it, or choose a model with more"
        " room.",
        {"Edit"},
    ),
    "rejected": (
        "The AI service did not accept this request. Change it, or choose another model; if that"
        " does not help, tell the administrator.",
        {"Edit"},
    ),
    "policy": (
        "The AI service declined this because of its content rules. Change it, or choose another"
        " model.",
        {"Edit"},
    ),
    "unavailable": ("The AI service has a problem. Try again.", AGAIN),
    "unreachable": ("The AI service cannot be reached. Try again.", AGAIN),
    "timeout": ("The AI service did not answer in time. Try again.", AGAIN),
    "cut": ("The answer was cut off. What arrived is kept.", AGAIN | {"Continue"}),
    "length": ("The answer reached the length limit.", {"Continue"}),
    "length, without a word": (
        "The length limit was reached while the model was still thinking.",
        AGAIN | {"Continue"},
    ),
    "early": ("The AI service ended the answer early.", AGAIN | {"Continue"}),
    "tool": (
        "The model asked for a tool, which Parlor does not have. Nothing was run. Try again, or"
        " choose another model.",
        AGAIN,
    ),
    "filter": (
        "The answer was stopped by the content filter. Change your message, or choose another"
        " model.",
        {"Edit"},
    ),
    "empty": ("The AI service sent an empty answer. Try again, or choose another model.", AGAIN),
    "unreadable": (
        "The AI service sent an answer that could not be read. Try again; if that does not help,"
        " tell the administrator.",
        AGAIN,
    ),
    "too_big": ("The answer was longer than 5,000 characters and was cut.", set()),
}


def rows(state, code, text, names):
    return dict.fromkeys(names.split(), (state, code, text))


ODD = " ".join(name for name in FAULTS if name.startswith(("odd-", "sse-", "first-", "usage-")))
MARKS = " ".join(name for name in FAULTS if name.startswith("marks-"))
THINKING = ["parts", "parts-whole", "reasoning-details", "end-thinking", "end-think-tag"]

EXPECTED = {
    **rows("done", "", THREE, ODD),
    **rows(
        "done",
        "",
        THREE,
        "no-done done-open pause empty-choices finish-with-text no-usage no-finish-done",
    ),
    **rows("done", "", THREE, "not-streamed reasoning reasoning-field think-tags think-tags-cut"),
    **rows("done", "", USUAL, "429-once 500-twice late stream-options temperature max-tokens"),
    **rows("done", "", USUAL, "max-completion-tokens system-role developer-role"),
    **rows("done", "", USUAL, "context-small context-nothing-small stream-unverified"),
    **rows("done", "", "I cannot help with that.", "refusal"),
    **rows("done", "", re.compile("."), "nul control surrogate split-emoji bytewise line-ends"),
    **rows("done", "", re.compile("."), "markup slow"),
    **rows("done", "length", THREE, "length"),
    **rows("done", "", USUAL, "pictures pictures-silent"),  # No pictures are sent here.
    **rows("error", "filter", THREE, "filter"),
    **rows("error", "credentials", NOTHING, "401 401-key 403 400-key"),
    **rows("error", "model", NOTHING, "404-model"),
    **rows("error", "rate", NOTHING, "429 429-bare 429-long"),
    **rows("error", "quota", NOTHING, "quota"),
    **rows("error", "context", NOTHING, "context context-llama context-litellm context-413"),
    **rows("error", "context", NOTHING, "context-once"),
    **rows("error", "policy", NOTHING, "policy"),
    **rows("error", "rejected", NOTHING, "error-null error-list error-not-json 404-html"),
    **rows("error", "model", NOTHING, "error-string"),
    **rows("error", "rejected", NOTHING, "error-detail error-number error-no-code error-hostile"),
    **rows("error", "rejected", NOTHING, "max-tokens-always"),
    **rows("error", "unavailable", NOTHING, "409 500 502-html 503 529 error-first"),
    **rows("error", "unavailable", NOTHING, "json-200-error"),
    **rows("error", "unavailable", THREE, "error-in-stream event-error"),
    **rows("error", "unreachable", NOTHING, "close reset-first"),
    **rows("error", "timeout", NOTHING, "408 silent headers-only comments-only"),
    **rows("error", "cut", THREE, "stall stall-comments cut reset no-finish"),
    **rows("error", "unreadable", "Here are three ", "broken-json"),
    **rows("error", "unreadable", NOTHING, "html-200 empty-200 204 done-only"),
    **rows("error", "context", NOTHING, "context-nothing"),
    **rows("error", "empty", re.compile(r"^\s*$"), "null-content empty blank"),
    **rows("error", "empty", NOTHING, "think-only"),
    **rows("error", "tool", NOTHING, "tool-calls end-function"),
    **rows("error", "unavailable", NOTHING, "json-200-error"),
    **rows("error", "rate", NOTHING, "json-429 json-429-events"),
    **rows("done", "", THREE, "parts parts-whole parts-unknown second-choice reasoning-details"),
    **rows("done", "", THREE, "annotations citations"),
    **rows("done", "", f"{THREE}\n\n[picture]", "reply-picture"),
    **rows("done", "", "[picture]", "reply-picture-only"),
    **rows(
        "done",
        "",
        f"{THREE}\n\n[picture (not kept: only its address came, and it is not"
        " fetched: example.org)]",
        "reply-picture-address",
    ),
    **rows("done", "", f"{THREE} [picture: chart] Well?", "text-picture text-picture-long"),
    **rows(
        "done",
        "",
        re.compile(r"^Here are three parts. \[picture: chart \(not kept: "),
        "text-picture-svg text-picture-broken text-picture-open",
    ),
    **rows("done", "", THREE, "blank-events repeat-message repeat-delta end-eos end-null"),
    **rows("done", "", THREE, MARKS),
    **rows("done", "", THREE, "lines enveloped pings tool-result"),
    **rows("done", "length", THREE, "end-max-tokens end-model-length end-object end-native"),
    **rows("done", "length", NOTHING, "end-thinking end-think-tag"),
    **rows("error", "filter", THREE, "end-safety"),
    **rows("error", "unavailable", THREE, "end-fault end-line"),
    **rows("error", "early", THREE, "end-unknown"),
    **rows("error", "too_big", re.compile("^.{5000}$", re.S), "one-big 10mb fast endless"),
}

PICTURES = dict.fromkeys(
    ["reply-picture", "reply-picture-only", "text-picture", "text-picture-long"], 1
)
SOURCES = {name: ["https://example.org/"] for name in ("annotations", "citations")}

SILENCE = 100  # Seconds, which pass in an instant where these faults have come to their silence:
SILENT = {
    **dict.fromkeys(["silent", "headers-only", "comments-only"], ""),
    **dict.fromkeys(["stall", "stall-comments"], THREE),
}


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.OPENAI_FIRST_BYTE_SECONDS = settings.OPENAI_SILENCE_SECONDS = SILENCE
    settings.CHAT_REPLY_MAX_CHARS = 5_000
    settings.CHAT_MODELS = ["parlor-demo"]  # No menus of others.


def test_every_fault_is_in_the_table():
    assert set(EXPECTED) == {
        name
        for name, fault in FAULTS.items()
        if fault.where in ("chat", "any") and name not in ERROR_FAULTS
    }


@pytest.mark.row(
    "O-001",
    "O-002",
    "O-003",
    "O-004",
    "O-005",
    "O-006",
    "O-007",
    "O-008",
    "O-009",
    "O-010",
    "O-011",
    "O-012",
    "O-013",
    "O-017",
    "O-018",
    "O-019",
    "O-020",
    "O-021",
    "O-022",
    "O-023",
    "O-024",
    "O-025",
    "O-026",
    "O-027",
    "O-028",
    "O-029",
    "O-030",
    "O-031",
    "O-032",
    "O-033",
    "O-034",
    "O-035",
    "O-036",
    "O-037",
    "O-038",
    "O-039",
    "O-040",
    "O-042",
    "O-043",
    "O-044",
    "O-045",
    "O-049",
    "O-050",
    "O-052",
    "O-053",
    "O-130",
    "O-131",
    "O-132",
    "O-135",
    "O-136",
)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_ends_well(ada_client, demo, clock, name):
    state, code, text = EXPECTED[name]
    demo.fault = name
    reply = ask(ada_client, "First")
    if name in SILENT:
        wait_until(lambda: demo.requests and received(reply) == SILENT[name])
        clock.forward(SILENCE + 1)
    reply = ended(reply)

    assert (reply.state, reply.error) == (state, code)
    if name in THINKING or (name in MARKS.split() and name not in ("marks-empty", "marks-closed")):
        assert reply.reasoning == HMM
    assert text.search(reply.content) if isinstance(text, re.Pattern) else reply.content == text
    assert len(reply.files) == PICTURES.get(name, 0)
    assert [each["url"] for each in reply.sources] == SOURCES.get(name, [])
    check_page(ada_client, reply)
    check_all(ada_client, demo, reply)


def received(reply):
    """Return what has arrived of a reply that has not ended."""
    run = runs._writing.get(reply.pk)
    return run and run.received()["content"]


def check_page(client, reply):
    page = page_of(client, reply)
    article = page.messages[1]
    assert (article.state, article.error) == (reply.state, reply.error or None)
    if not reply.content.strip():
        assert article.shown == ""
    elif reply.content == THREE:
        assert article.shown == THREE
    code = reply.error if reply.content.strip() else f"{reply.error}, without a word"
    usual = SENTENCES.get(reply.error, ("", {"Regenerate"}))
    sentence, buttons = SENTENCES.get(code, usual)
    if reply.error and reply.content.strip():
        buttons = buttons | {"Continue"}
    if reply.retry_at and reply.error == "rate" and "minutes" in article.note:
        sentence = "The AI service is busy. Try again in 60 minutes."
    assert article.note == sentence
    assert set(article.buttons) - ALWAYS == buttons - ALWAYS
    assert ("New chat" in links(article.element)) == (reply.error == "context")


@pytest.mark.row("O-005")
def test_a_long_wait_is_told_as_a_time(ada_client, demo):
    demo.fault = "429-long"
    reply = answered(ada_client)
    assert len(demo.requests) == 1
    note = page_of(ada_client, reply).messages[1].note
    assert note == "The AI service is busy. Try again in 60 minutes."


@pytest.mark.row("O-010")
def test_an_answer_after_failures_shows_none_of_them(ada_client, demo):
    demo.fault = "500-twice"
    reply = answered(ada_client)
    assert len(demo.requests) == 3
    article = page_of(ada_client, reply).messages[1]
    assert (article.state, article.error, article.note) == ("done", None, "")


@pytest.mark.row("O-034")
def test_a_refusal_is_marked_stored_and_sent_as_history(ada_client, demo):
    demo.fault = "refusal"
    reply = answered(ada_client)
    assert reply.refused
    demo.fault = None
    answered(ada_client, "Why?", reply.conversation)
    assert demo.requests[-1]["body"]["messages"][1]["content"] == "I cannot help with that."


@pytest.mark.row("O-014")
def test_nobody_listens(ada_client, demo, settings):
    """A closed port."""
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    reply = answered(ada_client, "First")
    assert (reply.state, reply.error) == ("error", "unreachable")
    settings.OPENAI_BASE_URL = demo.base_url
    check_all(ada_client, demo, reply)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("models-html", "unreadable"),
        ("models-empty", "model"),
        ("models-401", "credentials"),
        ("models-null", "unreadable"),
    ],
)
def test_a_list_of_models_that_fails_is_told_in_the_reply(ada_client, demo, settings, fault, code):
    settings.CHAT_DEFAULT_MODEL, settings.CHAT_MODELS = "", []
    demo.fault = fault
    reply = answered(ada_client)
    assert (reply.state, reply.error) == ("error", code)
    demo.fault = None
    assert answered(ada_client, "Second", reply.conversation).state == "done"


def test_the_first_model_of_the_service_answers_where_none_is_set(ada_client, demo, settings):
    settings.CHAT_DEFAULT_MODEL, settings.CHAT_MODELS = "", []
    assert answered(ada_client).model == "parlor-demo"


@pytest.mark.row("O-078")
def test_a_bug_of_ours_ends_the_reply_with_what_had_arrived(
    ada_client, demo, settings, monkeypatch, caplog
):
    """Whatever is raised in the thread, the text is kept and the log says what it was."""

    def fail(self, text):
        raise ZeroDivisionError

    go_on = threading.Event()
    with Upstream([head(), part("Here are "), until(go_on), part("three"), hang]) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        reply = ask(ada_client)
        stream = Stream(ada_client, reply).until_shown("Here are")
        with monkeypatch.context() as patch:
            patch.setattr(follow.StreamRenderer, "feed", fail)
            go_on.set()
            stream.to_the_end()
            row = ended(reply)
    wait_until(lambda: "ZeroDivisionError" in caplog.text)
    assert (row.state, row.error, row.content) == ("error", "unavailable", "Here are three")
    settings.OPENAI_BASE_URL = demo.base_url
    check_all(ada_client, demo, row, "Hello")


@pytest.mark.row("O-051")
def test_many_pieces_cost_few_writes(ada_client, demo, settings, monkeypatch):
    """20,000 of them: what arrives within a second is saved at once; all take ten of computing."""
    updates, execute = [], CursorWrapper.executemany

    def count(cursor, sql, rows):
        updates.append(sql)
        return execute(cursor, sql, rows)

    monkeypatch.setattr(CursorWrapper, "executemany", count)
    settings.CHAT_REPLY_MAX_CHARS = 1_000_000
    demo.fault = "fast"
    started, computed = time.monotonic(), time.process_time()
    reply = answered(ada_client, "First")
    seconds = time.monotonic() - started
    assert (reply.state, len(reply.content)) == ("done", 20_000)
    assert time.process_time() - computed < 10
    assert len(updates) <= 2 * seconds + 1
    check_all(ada_client, demo, reply)
