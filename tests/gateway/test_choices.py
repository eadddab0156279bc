"""Every place in a chunk, or a whole body, where text, thoughts, pictures and sources may stand."""

import base64

import pytest

from apps.gateway import client
from apps.gateway.client import Call, ChatRequest, GatewayError, ReplyPicture, Source
from apps.gateway.reply.finish_reasons import meaning_of
from scripts.demo_openai.faults.service_replies import ANSWERS
from scripts.demo_openai.faults.service_replies.chunks import PICTURE
from tests.upstream import DONE, STOP, Upstream, data, delta, error, head, part

pytestmark = pytest.mark.any_engine

PNG = base64.b64decode(PICTURE.partition(",")[2])
PAGE = "https://example.org/"


class Heard:
    def __init__(self, settings, *answer):
        self.text = self.reasoning = ""
        self.items, self.recalled = [], []
        self.end = None
        with Upstream(list(answer)) as upstream:
            settings.OPENAI_BASE_URL, settings.OPENAI_RETRY_SECONDS = upstream.url, ()
            request = ChatRequest("m", [{"role": "user", "content": "Hi"}])
            try:
                outcome = client.stream_reply(
                    request, Call(), self.take, on_item=self.items.append, on_recall=self.recall
                )
                self.end = outcome.finish_reason
            except GatewayError as failure:
                self.end = failure.code

    def take(self, text, reasoning):
        self.text += text
        self.reasoning += reasoning

    def recall(self, reasoning):
        self.recalled.append(self.text)
        self.text, self.reasoning = "", self.reasoning + reasoning


def choice(**fields):
    return data({"choices": [{"index": 0, **fields}]})


def content(*parts):
    return delta(content=list(parts))


THOUGHT = {"type": "text", "text": "Hm."}
MESSAGES = [
    ({"content": "Yes."}, "Yes.", ""),
    ({"content": ["Y", {"type": "text", "text": "es."}]}, "Yes.", ""),
    ({"content": {"type": "text", "text": "Yes."}}, "Yes.", ""),
    ({"content": [{"text": "Yes."}]}, "Yes.", ""),
    ({"content": [{"type": "output_text", "text": "Yes."}]}, "Yes.", ""),
    ({"content": [{"type": "text", "text": {"value": "Yes."}}]}, "Yes.", ""),
    ({"content": [{"type": "message", "content": [{"type": "output_text", "text": "Yes."}]}]},
     "Yes.", ""),
    ({"content": [{"type": "refusal", "refusal": "Yes."}]}, "Yes.", ""),
    ({"content": None, "refusal": "Yes."}, "Yes.", ""),
    ({"content": [{"type": "odd", "text": "Yes."}]}, "Yes.", ""),
    ({"content": [{"type": "odd"}, {"type": "text", "text": "Yes."}]}, "Yes.", ""),
    ({"audio": {"transcript": "Yes."}}, "Yes.", ""),
    ({"content": "Yes.", "reasoning_content": "Hm."}, "Yes.", "Hm."),
    ({"content": "Yes.", "reasoning": "Hm."}, "Yes.", "Hm."),
    ({"content": "Yes.", "reasoning": {"text": "Hm."}}, "Yes.", "Hm."),
    ({"content": "Yes.", "reasoning": "Hm.", "reasoning_content": "Hm."}, "Yes.", "Hm."),
    ({"content": "Yes.", "reasoning_details": [{"type": "reasoning.text", "text": "Hm."},
      {"type": "reasoning.encrypted", "data": "x"}]}, "Yes.", "Hm."),
    ({"content": "Yes.", "reasoning_details": [{"type": "reasoning.summary", "summary": "Hm."}],
      "reasoning": "Hm."}, "Yes.", "Hm."),
    ({"content": "Yes.", "thinking_blocks": [{"type": "thinking", "thinking": "Hm."}]},
     "Yes.", "Hm."),
    ({"content": [{"type": "thinking", "thinking": [THOUGHT]}, {"type": "text", "text": "Yes."}]},
     "Yes.", "Hm."),
    ({"content": [{"type": "thinking", "thinking": "Hm."}, "Yes."]}, "Yes.", "Hm."),
    ({"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
      "Yes."]}, "Yes.", "Hm."),
    ({"content": [{"text": "Hm.", "thought": True}, {"text": "Yes."}]}, "Yes.", "Hm."),
    ({"content": "<think>Hm.</think>Yes."}, "Yes.", "Hm."),
    ({"content": None, "text": "Yes."}, "Yes.", ""),
    ({"content": [], "multi_mod_content": [{"text": "Yes."}]}, "Yes.", ""),
    ({"content": [{"type": "audio", "audio": {"data": "x", "transcript": "Yes."}}]}, "Yes.", ""),
    ({"content": [{"type": "tool_result", "content": "No."}, "Yes."]}, "Yes.", ""),
    ({"content": [{"type": "server_tool_use", "name": "x"}, "Yes."]}, "Yes.", ""),
    ({"content": "Yes.", "provider_specific_fields": {"content_blocks": [{"text": "Yes."}]}},
     "Yes.", ""),
    ({"content": [{"type": "text", "text": "Y"}, {"type": "reference", "reference_ids": [1]},
                  {"type": "text", "text": "es."}]}, "Yes.", ""),
]  # fmt: skip


@pytest.mark.row("O-130")
@pytest.mark.parametrize(("message", "text", "reasoning"), MESSAGES)
def test_text_and_thoughts_are_found_in_a_stream_and_in_a_body(settings, message, text, reasoning):
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    for answer in ([head(), delta(**message), STOP, DONE], [error(200, whole)]):
        heard = Heard(settings, *answer)
        assert (heard.text, heard.reasoning, heard.end) == (text, reasoning, "stop")


IMAGES = [
    {"images": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
    {"images": [{"image_url": PICTURE}]},
    {"images": [PICTURE]},
    {"content": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
    {"content": [{"type": "output_image", "image_url": PICTURE}]},
    {"content": [{"type": "image", "source": {"data": PICTURE.partition(",")[2]}}]},
    {"content": [{"inline_data": {"mime_type": "image/png", "data": PICTURE.partition(",")[2]}}]},
    {"images": [{"b64_json": PICTURE.partition(",")[2]}]},
    {"image_url": {"url": PICTURE}},
    {"image": {"data": PICTURE.partition(",")[2]}},
    {"content": [{"type": "image_generation_call", "result": PICTURE.partition(",")[2]}]},
    {"content": [{"type": "file", "file": {"filename": "a.png", "file_data": PICTURE}}]},
    {"multi_mod_content": [{"inline_data": {"data": PICTURE.partition(",")[2]}}]},
]


@pytest.mark.row("O-130")
@pytest.mark.parametrize("message", IMAGES)
def test_a_picture_alone_is_an_answer(settings, message):
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    for answer in ([head(), delta(**message), STOP, DONE], [error(200, whole)]):
        heard = Heard(settings, *answer)
        assert (heard.items, heard.text, heard.end) == ([ReplyPicture(PNG)], "", "stop")


@pytest.mark.row("O-130")
@pytest.mark.parametrize(
    ("url", "problem", "host"),
    [
        ("https://example.org/a.png", "address", "example.org"),
        ("data:image/png;base64,*", "broken", ""),
        ("/a.png", "address", ""),
    ],
)
def test_a_picture_that_is_not_there_is_told_of_and_not_fetched(settings, url, problem, host):
    heard = Heard(settings, head(), part("Look:"), delta(images=[{"url": url}]), STOP)
    assert heard.items == [ReplyPicture(b"", problem=problem, host=host)]
    assert heard.text == "Look:"


SOURCES = [
    delta(annotations=[{"type": "url_citation", "url_citation": {"url": PAGE, "title": "E"}}]),
    delta(annotations=[{"type": "url_citation", "url": PAGE, "title": "E"}]),
    data({"choices": [], "search_results": [{"url": PAGE, "title": "E"}], "citations": [PAGE]}),
    choice(
        delta={}, grounding_metadata={"groundingChunks": [{"web": {"uri": PAGE, "title": "E"}}]}
    ),
    delta(context={"citations": [{"url": PAGE, "title": "E"}]}),
    data({"choices": [], "web_search": [{"link": PAGE, "title": "E"}]}),
    content({"type": "text", "text": "", "annotations": [{"url": PAGE, "title": "E"}]}),
]


@pytest.mark.row("O-130")
@pytest.mark.parametrize("event", SOURCES)
def test_sources_are_named_once(settings, event):
    heard = Heard(settings, head(), part("Yes."), event, event, STOP, DONE)
    assert (heard.items, heard.text) == ([Source(PAGE, "E")], "Yes.")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "x" * 3000, "", 7])
def test_what_is_no_page_is_no_source(settings, url):
    event = delta(annotations=[{"type": "url_citation", "url": url}])
    assert Heard(settings, head(), part("Yes."), event, STOP).items == []


def test_only_the_first_choice_counts(settings):
    rows = [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]
    second = data({"choices": [{"index": 1, "delta": {"content": "B"}, "finish_reason": "length"}]})
    bare = data({"choices": [{"delta": {"content": "C"}}]})
    heard = Heard(settings, head(), data({"choices": rows}), second, bare, STOP, DONE)
    assert (heard.text, heard.end) == ("AC", "stop")


@pytest.mark.row("O-130")
@pytest.mark.parametrize(
    "last",
    [
        [choice(delta={}, message={"content": "One two three."}, finish_reason="stop")],
        [choice(message={"content": "One two three. "}, finish_reason="stop")],
        [choice(message={"content": "Another form of it"}, finish_reason="stop")],
        [choice(delta={"content": "One two three."}, finish_reason="stop")],
        [STOP, delta(content="One two three.")],
    ],
)
def test_what_the_last_frame_repeats_is_not_said_twice(settings, last):
    heard = Heard(settings, head(), part("One "), part("two "), part("three."), *last, DONE)
    assert (heard.text.rstrip(), heard.end) == ("One two three.", "stop")


A, B = delta(content="A"), delta(content="B")
BODY = {"choices": [{"index": 0, "message": {"content": "A"}, "finish_reason": "stop"}]}
LINES = b"".join(each.removeprefix(b"data: ").replace(b"\n\n", b"\n") for each in (A, B, STOP))


@pytest.mark.row("O-130")
@pytest.mark.parametrize(
    ("events", "text", "end"),
    [
        ([data({"choices": {"index": 0, "delta": {"content": "A"}}}), STOP], "A", "stop"),
        ([data({"data": {"choices": [{"delta": {"content": "A"}}]}}), STOP], "A", "stop"),
        ([data({"message": {"content": "A"}, "done": True, "done_reason": "stop"})], "A", "stop"),
        ([A, data({"type": "ping"}), b"data: ping\n\n", b"data: null\n\n", B, STOP], "AB", "stop"),
        ([A[:-1], B[:-1], STOP[:-1], DONE], "AB", "stop"),
        ([A[:-1], B[:-1], DONE], "AB", "stop"),
        ([LINES], "AB", "stop"),
        ([A, b"event: error\ndata: Internal error\n\n"], "A", "unavailable"),
        ([A, b'{"error":"Rate limit reached"}\n'], "A", "rate"),
        ([A, b'error: {"code":500,"message":"Context size exceeded"}\n\n'], "A", "context"),
        ([A, data({"choices": [], "x_groq": {"error": "Rate limit reached"}})], "A", "rate"),
        ([choice(delta={"content": "A"}, error={"code": 429}, finish_reason="error")], "A", "rate"),
        ([A, data({"choices": None, "base_resp": {"status_code": 1027,
                                                  "status_msg": "output new_sensitive"}})],
         "A", "policy"),
        ([data({**BODY, "base_resp": {"status_code": 0, "status_msg": ""}})], "A", "stop"),
    ],
)  # fmt: skip
def test_forms_of_a_stream(settings, events, text, end):
    heard = Heard(settings, head(), *events)
    assert (heard.text, heard.end) == (text, end)


@pytest.mark.row("O-130")
@pytest.mark.parametrize(
    "body",
    [
        BODY,
        [BODY],
        {"choices": BODY["choices"][0]},
        {"data": BODY, "code": 0, "message": "ok"},
        {"result": BODY, "success": True, "errors": []},
        {"output": BODY, "usage": {}, "request_id": "1"},
        {"message": {"role": "assistant", "content": "A"}, "done": True, "done_reason": "stop"},
        [{"choices": [{"delta": {"content": "A"}}]}, {"choices": [{"finish_reason": "stop"}]}],
    ],
)
def test_forms_of_a_body(settings, body):
    heard = Heard(settings, error(200, body))
    assert (heard.text, heard.end) == ("A", "stop")


def test_a_last_frame_adds_what_is_new(settings):
    last = choice(message={"content": "One two three."}, finish_reason="stop")
    assert Heard(settings, head(), part("One "), part("two "), last).text == "One two three."


def test_a_model_may_say_the_same_again(settings):
    heard = Heard(settings, head(), part("ha"), part("ha"), part("haha"), part("ha"), STOP)
    assert heard.text == "hahahahaha"


@pytest.mark.row("O-131")
@pytest.mark.parametrize(
    ("reasons", "end"),
    [
        ("stop STOP eos EOS end_turn stop_sequence FinishReason.STOP", "stop"),
        ("length MAX_TOKENS max_tokens model_length maxTokens FINISH_REASON_MAX_TOKENS", "length"),
        ("content_filter SAFETY RECITATION refusal PROHIBITED_CONTENT", "content_filter"),
        ("tool_calls function_call tool_use MALFORMED_FUNCTION_CALL", "tool_calls"),
        ("error insufficient_system_resource abort network_error", "error"),
        ("null NULL none", ""),
        ("tea_time x", "early"),
    ],
)
def test_reasons_are_sorted_by_what_they_mean(reasons, end):
    assert {meaning_of(reason) for reason in reasons.split()} == {end}


@pytest.mark.row("O-131")
@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([part("A"), DONE], "stop"),
        ([part("A")], "cut"),
        ([part("A"), delta("length"), DONE], "length"),
        ([delta("length")], "length"),
        ([delta(reasoning="Hm."), delta("length")], "length"),
        ([delta(reasoning="Hm."), STOP], "empty"),
        ([delta(reasoning="Hm."), DONE], "empty"),
        ([delta(tool_calls=[{"id": "1"}]), STOP], "tool_calls"),
        ([part("A"), delta(tool_calls=[{"id": "1"}]), STOP], "stop"),
        ([content({"type": "tool_use", "name": "rm"}), DONE], "tool_calls"),
        ([part("A"), delta("null"), part("B")], "cut"),
        ([part("A"), delta("tea_time")], "early"),
        ([part("A"), delta("overloaded")], "unavailable"),
        ([part("A"), delta({"type": "stop", "matched": 1})], "stop"),
        ([part("A"), delta({"type": "length", "length": 16}), DONE], "length"),
        ([part("A"), delta({"type": "abort", "message": "Input is too long"}), DONE], "context"),
        ([part("A"), choice(delta={}, finishReason="MAX_TOKENS"), DONE], "length"),
        ([part("A"), choice(delta={}, stop_reason="max_tokens"), DONE], "length"),
        ([part("A"), choice(delta={"finish_reason": "length"}), DONE], "length"),
        ([part("A"), choice(delta={}, finish_reason=2), DONE], "length"),
        ([part("A"), choice(delta={}, finish_reason=True)], "stop"),
        ([part("A"), choice(delta={}, finish_reason=""), DONE], "stop"),
        ([part("A"), delta("length"), STOP, DONE], "length"),
        (
            [part("A"), choice(delta={}, finish_reason="stop", native_finish_reason="MAX_TOKENS")],
            "length",
        ),
        ([part("A"), choice(delta={}, finish_reason="stop", native_finish_reason="odd")], "stop"),
        ([part("A"), choice(delta={}, finish_reason="stop", stop_reason="a stop word")], "stop"),
    ],
)
def test_an_end_is_complete_only_where_it_is_known_to_be(settings, events, end):
    assert Heard(settings, head(), *events).end == end


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": 429, "message": "Rate limited"}}, "rate"),
        ({"error": {"message": "Rate limit reached"}}, "rate"),
        ({"error": "Rate limit reached"}, "rate"),
        ([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}], "rate"),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}, "rate"),
        ({"object": "error", "message": "x", "code": 429}, "rate"),
        ({"status": 429, "message": "x"}, "rate"),
        ({"detail": "Rate limit reached"}, "rate"),
        ({"error": {"message": "x"}}, "unavailable"),
    ],
)
def test_an_error_with_a_good_status_is_that_error(settings, body, code):
    as_events = head() + error(200, body).partition(b"\r\n\r\n")[2]
    for answer in (error(200, body), as_events):
        assert Heard(settings, answer).end == code


def test_an_unknown_kind_is_logged_once_by_its_name(settings, caplog):
    event = content({"type": "hologram of a test", "size": 3})
    Heard(settings, head(), event, event, part("A"), STOP)
    assert caplog.text.count("hologram of a test") == 1


@pytest.mark.row("O-132")
def test_text_that_was_thought_is_taken_back_when_its_end_comes(settings):
    answer = ANSWERS["marks-no-start"].events
    heard = Heard(settings, head(), *(e if isinstance(e, bytes) else data(e) for e in answer))
    assert (heard.text, heard.reasoning) == ("Here are three parts.", "I should count.")
    assert heard.end == "stop"
