"""What the errors of the services mean: each kind told by its words, whoever says them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import translation

from apps.core import failure_messages
from apps.gateway import client as openai_gateway
from apps.gateway import model_quirks
from apps.gateway.client import Call, ChatRequest, GatewayError
from apps.gateway.errors.body import ErrorBody
from apps.gateway.errors.context_size import context_tokens_in
from apps.gateway.errors.translation import classify
from apps.gateway.retry_hints import retry_after, retry_after_in
from scripts.demo_openai import DemoServer
from scripts.demo_openai.faults.service_errors import ERROR_FAULTS
from tests.upstream import (
    PATIENCE,
    Upstream,
    after,
    error,
    hang,
    head,
    openai_error,
    reply,
)

pytestmark = pytest.mark.any_engine


@pytest.fixture(scope="module")
def shared_demo():
    with DemoServer(scale=0) as server:
        yield server


@pytest.fixture(autouse=True)
def limits(settings):
    model_quirks.forget()
    settings.OPENAI_API_KEY = "sk-test"
    settings.OPENAI_FIRST_BYTE_SECONDS = settings.OPENAI_SILENCE_SECONDS = 20
    settings.OPENAI_RETRY_SECONDS = (0.01, 0.02)
    yield
    model_quirks.forget()


@pytest.fixture
def upstream(settings):
    servers = []

    def start(*scripts):
        server = Upstream(*scripts).__enter__()
        servers.append(server)
        settings.OPENAI_BASE_URL = server.url
        return server

    yield start
    for server in servers:
        server.__exit__()


class Asked:
    """One reply asked for, and what came of it."""

    def __init__(self, model="gpt-test", call=None):
        self.text, self.waits, self.code, self.error = "", [], None, None
        request = ChatRequest(model, [{"role": "user", "content": "Why?"}])
        try:
            openai_gateway.stream_reply(request, call or Call(), self.take, self.waits.append)
        except GatewayError as failure:
            self.error, self.code = failure, failure.code

    def take(self, text, reasoning):
        self.text += text


# The words of the services.


@pytest.mark.row("O-133")
@pytest.mark.parametrize("name", ERROR_FAULTS)
def test_each_service_is_understood(shared_demo, settings, name):
    settings.OPENAI_BASE_URL = shared_demo.base_url
    settings.OPENAI_RETRY_SECONDS = ()
    assert Asked(f"fault-{name}").code == ERROR_FAULTS[name].code


@pytest.mark.row("O-133")
@pytest.mark.parametrize("name", [name for name in ERROR_FAULTS if ERROR_FAULTS[name].status > 200])
def test_inside_a_stream_an_error_means_the_same(upstream, name):
    """There it has no status but the one that it tells itself, so some are only `unavailable`."""
    fault = ERROR_FAULTS[name]
    if isinstance(fault.body, bytes):
        return
    inside, alone = classify(None, fault.body, {}).code, fault.code
    assert inside in (alone, "unavailable")


@pytest.mark.row("O-133")
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 451, 500, 503])
def test_what_is_refused_for_what_it_says_is_policy_whatever_the_status(upstream, status):
    upstream(openai_error(status, None, "Your input was flagged for violence."))
    assert Asked().code == "policy"


NEIGHBOURS = [
    (404, "model_not_found", "The model `gpt-x` does not exist or you do not have access", "model"),
    (404, None, "This model is only supported in the Realtime API", "model"),
    (400, None, "This model is only available through the Batch API.", "model"),
    (400, None, "The requested model 'gpt-5-codex' is not supported with the Chat", "model"),
    (404, None, "This is a completion model and not supported in the v1/chat/completions", "model"),
    (400, None, "gpt-image-1 is not a chat model", "model"),
    (400, None, "The model claude-2 has been retired.", "model"),
    (404, None, "Unknown model: foo", "model"),
    (422, None, "model `foo` is currently not loaded", "model"),
    (400, None, "model not loaded", "model"),
    (400, None, "Model is unloaded.", "model"),
    (400, None, "Model unloaded or crashed", "model"),
    (404, None, "Model not found", "model"),
    (404, None, "Model foo not found", "model"),
    (404, None, "The specified model could not be found", "model"),
    (403, None, "You do not have access to the model gpt-5", "model"),
    (403, "Model.AccessDenied", "Access to model denied. Please make sure you are", "model"),
    (403, None, "This token has no access to model gpt-4", "model"),
    (400, None, "This model is not available on the free plan", "model"),
    (404, None, "No endpoints found that support tool use.", "model"),
    (404, None, "The model 'x' was shut down on 2026-10-23", "model"),
    (410, None, "gone", "model"),
    (404, None, "not found", "rejected"),
    (404, None, "Not found", "rejected"),
    (404, 404, "Not Found", "rejected"),
    (404, None, "Not Found", "rejected"),
    (404, "unknown_url", "Unknown request URL: POST /chat/completions. Please check", "rejected"),
    (404, None, "no Route matched with those values", "rejected"),
    (403, None, "<html>Cloudflare blocked</html>", "credentials"),
    (400, None, "Your request was flagged by our safety system", "policy"),
    (400, None, "Your prompt was rejected as a result of our safety system.", "policy"),
    (403, None, "The content you provided violates our Terms of Service.", "policy"),
    (400, None, "Input blocked by guardrail", "policy"),
    (400, None, "This content may violate our usage policies", "policy"),
    (400, None, "This request has been blocked by our content filters.", "policy"),
    (400, None, "Response blocked due to SAFETY", "policy"),
    (400, None, "blocked by moderation", "policy"),
    (400, "1301", "系统检测到输入或生成内容可能包含不安全或敏感内容", "policy"),
    (400, None, "Harmful content detected", "policy"),
    (403, None, "Request blocked: potential prompt injection / jailbreak detected", "policy"),
    (429, "insufficient_quota", "You exceeded your current quota, please check your plan", "quota"),
    (429, None, "Limit 3 RPM exceeded", "rate"),
    (429, None, "exceeded for quota metric 'Generate Content API requests per minute'", "rate"),
    (429, None, "You have reached your specified API usage limits.", "quota"),
    (429, None, "Number of request tokens has exceeded your per-minute rate limit", "rate"),
    (429, None, "Daily limit reached", "quota"),
    (429, "1302", "Too Many Requests", "rate"),
    (402, None, "Payment Required", "quota"),
    (400, None, "You have run out of credits", "quota"),
    (403, None, "You've reached your monthly spending cap", "quota"),
    (429, None, "quota exceeded", "quota"),
    (403, None, "Your account balance is negative", "quota"),
    (429, "1113", "余额不足或无可用资源包,请充值。", "quota"),
    (400, None, "This model's maximum context length is 4096 tokens", "context"),
    (400, None, "The prompt (5000 tokens) is longer than the context (4096)", "context"),
    (400, None, "Input tokens exceed the configured limit of 272000 tokens.", "context"),
    (400, None, "messages too long", "context"),
    (400, None, "prompt too long; exceeded max context length by 200 tokens", "context"),
    (400, None, "input is too long for this model: 5000 > 4096", "context"),
    (400, None, "the prompt is too large", "context"),
    (500, None, "the request exceeds the available context size. try increasing the", "context"),
    (400, None, "The total number of tokens in the request exceeds the limit of 8192", "context"),
    (400, None, "Requested token count exceeds the model's maximum context length of", "context"),
    (400, None, "The conversation has exceeded the token limit", "context"),
    (400, None, "max_tokens is too large: 100000. This model supports at most 16384", "rejected"),
    (400, None, "max_tokens must be less than 8192", "rejected"),
    (400, None, "Invalid image URL", "pictures"),
    (400, None, "You uploaded an unsupported image. Please make sure your image has", "pictures"),
    (400, None, "This model does not support image inputs", "pictures"),
    (400, None, "Vision is not supported by this model", "pictures"),
    (400, None, "unsupported content type: image", "pictures"),
    (400, None, "model does not support multimodal requests", "pictures"),
    (401, None, "Invalid Authentication", "credentials"),
    (400, None, "Missing API key", "credentials"),
    (403, None, "Forbidden", "credentials"),
    (500, None, "The server had an error while processing your request. Sorry", "unavailable"),
    (503, None, "Service Unavailable", "unavailable"),
    (500, None, "CUDA out of memory", "unavailable"),
    (500, None, "model runner has unexpectedly stopped, this may be due to", "unavailable"),
    (400, None, "Conversation roles must alternate user/assistant", "rejected"),
    (400, None, "tools is not supported in this model", "rejected"),
    (400, None, "Invalid JSON", "rejected"),
    (400, None, "Unrecognized request arguments supplied: max_tokens", "rejected"),
    (None, 502, "Upstream idle timeout exceeded", "unavailable"),
    (None, None, "Overloaded", "unavailable"),
    (None, "content_filter", "x", "policy"),
    (None, 408, "x", "timeout"),
    (400, "unavailable_model", "Unavailable model: gpt-x", "model"),
    (403, None, "You are not allowed to sample from this model", "model"),
    (403, None, "We've limited access to this content for safety reasons.", "policy"),
    (400, "too_many_images", "Too many images in request. Max is 50.", "pictures"),
    (400, "image_too_large", "Total image size exceeds limit", "pictures"),
    (400, None, "Provided image is not valid.", "pictures"),
    (400, None, "At most 1 image(s) may be provided in one request.", "pictures"),
    (400, None, "messages.0.content.1.image.source.base64.data: At least one of the", "pictures"),
    (400, None, "The model is not a VLM (Vision Language Model).", "pictures"),
    (500, None, "unable to create llava embedding from image", "pictures"),
    (400, None, "missing required Copilot-Vision-Request header for vision requests", "pictures"),
    (403, None, "the author of this model requires BYOK", "model"),
    (403, None, "this model requires a subscription, upgrade for access", "model"),
    (403, "forbidden", "You are not authorized to access this model", "model"),
    (403, None, "You don't have access to the model with the specified model ID.", "model"),
    (403, None, "Model access is denied due to IAM user or service role", "model"),
    (403, None, "Model disabled.", "model"),
    (404, None, "This model version has reached the end of its life.", "model"),
    (400, None, "The supported API model names are deepseek-chat or deepseek-reasoner", "model"),
    (400, None, "response modalities (TEXT) is not supported by the model", "model"),
    (400, None, "default chat template is no longer allowed", "model"),
    (422, None, "Template error: template not found", "model"),
    (500, None, "error loading model: unknown model architecture: 'x'", "model"),
    (400, None, "Model loading was stopped due to insufficient system resources.", "model"),
    (400, None, "The model has crashed without additional information.", "model"),
    (404, None, "Endpoint with name 'x' does not exist.", "model"),
    (422, None, "DEGRADED function cannot be invoked", "model"),
    (403, None, "该令牌无权访问模型 gpt-5", "model"),
    (400, "organization_restricted", "Organization has been restricted.", "credentials"),
    (400, None, "This organization has been disabled.", "credentials"),
    (403, None, "token quota is not enough, token remain quota: $0.1", "quota"),
    (401, None, "该令牌额度已用尽", "quota"),
    (429, "1308", "已达到 5 小时的使用上限。", "quota"),
    (429, "1304", "该API已达到每日调用上限", "quota"),
    (429, "SetLimitExceeded", "The request has exceeded the quota.", "quota"),
    (400, None, "ExceededTokenBudget: Current spend: 10.1; Max Budget for Token: 10.0", "quota"),
    (429, "limit_requests", "You exceeded your current requests list, please check", "rate"),
    (429, "Throttling.AllocationQuota", "Allocated quota exceeded, please increase", "rate"),
    (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", "quota"),
    (429, None, "Quota exceeded for aiplatform/online_requests_per_base_model", "rate"),
    (429, None, "Extra usage is required for long context requests.", "context"),
    (400, None, "The request payload size exceeds the limit: 20971520 bytes", "context"),
    (400, None, "Total tokens of image and text exceed max message tokens", "context"),
    (400, None, "Input length 131120 exceeds the maximum length 131072", "context"),
    (400, None, "max_tokens must be at least 1, got -904.", "context"),
    (400, None, "max_tokens must be at least 1, got 0.", "rejected"),
    (400, None, "the maximum supported sequence length is just 8192!", "context"),
    (498, None, "request blocked: prompt is unsafe", "policy"),
    (424, None, "Server error: CUDA out of memory", "unavailable"),
    (499, None, "The operation was cancelled.", "unavailable"),
    (None, "18", "Open api qps request limit reached", "rate"),
    (None, "1305", "当前API请求过多，请稍后重试。", "rate"),
    (None, "invalid_request_error", "Something is wrong with it", "rejected"),
]  # fmt: skip


@pytest.mark.row("O-133")
@pytest.mark.parametrize(("status", "name", "message", "code"), NEIGHBOURS)
def test_other_services_are_understood_by_the_same_words(status, name, message, code):
    error = {"code": name, "message": message}
    assert classify(status, {"error": error} if status else error, {}).code == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Unsupported parameter: 'top_p' is not supported with this model.", "rejected"),
        ("Unrecognized request argument supplied: foo", "rejected"),
        ("'messages' must contain the word 'json'", "rejected"),
        ("Rate limits are shown at your account's page; bad request", "rate"),
        ("Invalid value for temperature: it must be between 0 and 2", "rejected"),
        ("field required: model", "rejected"),
    ],
)
def test_other_words_stay_what_the_status_says(upstream, message, code):
    upstream(openai_error(400, None, message))
    assert Asked().code == code


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(
    "message",
    ["Loading model", "The model is currently overloaded", "Model x is temporarily unavailable",
     "No capacity available for model x"],
)  # fmt: skip
def test_a_model_that_will_be_there_in_a_moment_is_not_gone(upstream, settings, status, message):
    settings.OPENAI_RETRY_SECONDS = ()
    upstream(openai_error(status, None, message))
    assert Asked().code == "unavailable"


def test_a_page_about_an_error_is_read_by_its_status_alone(upstream, settings):
    settings.OPENAI_RETRY_SECONDS = ()
    upstream(error(502, b"<html>content policy, model not found, context length</html>"))
    assert Asked().code == "unavailable"


@pytest.mark.row("O-133")
@pytest.mark.parametrize(
    "answer", [error(200, {"error": {"code": 429, "message": "Rate limited"}})]
)
def test_a_good_status_with_an_error_is_asked_again(upstream, answer):
    server = upstream(answer, reply("fine"))
    assert Asked().text == "fine"
    assert len(server.requests) == 2


# The size that an error names.

SIZES = {
    "openai-size": 4096, "azure-models-size": 8000, "openrouter-raw-size": 16384,
    "openrouter-size": 8192, "groq-too-large": 6000, "openai-too-large-a-minute": 30000,
    "mistral-size": 32768, "gemini-size": 1048576, "anthropic-size": 200000,
    "anthropic-reply-size": 200000, "deepseek-size": 65536, "moonshot-size": 8192,
    "qwen-size": 30720, "vllm-size": 4096, "vllm-decoder": 4096, "sglang-size": 4096,
    "tgi-size": 1024, "lmstudio-size": 4096, "llamacpp-size": 4096, "llamacpp-field": 4096,
    "litellm-window": 200000, "together-size": 4097, "fireworks-size": 4096, "xai-size": 131072,
    "cohere-size": 4081, "cerebras-size": 8192, "qwen-numbered-size": 129024,
    "siliconflow-size": 131072, "databricks-size": 8192,
}  # fmt: skip


@pytest.mark.row("O-129")
@pytest.mark.parametrize(
    "name", [name for name, fault in ERROR_FAULTS.items() if fault.code == "context"]
)
def test_a_size_is_read_where_it_is_named(name):
    fault = ERROR_FAULTS[name]
    assert classify(fault.status, fault.body, {}).context_tokens == SIZES.get(name)


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("the maximum context length is 128,000 tokens", 128_000),
        ("n_ctx=2048", 2048),
        ("requested 9000 tokens exceed context window of 8192", 8192),
        ("Input length 131120 exceeds the maximum length 131072", 131_072),
        ("the maximum supported sequence length is just 8192!", 8192),
        ("context length is 5 tokens", None),
        ("context size: 99999999999999999999", None),
        ("too long", None),
    ],
)
def test_a_size_in_other_words(words, size):
    assert context_tokens_in(ErrorBody({"message": words})) == size


# Trying again.


@pytest.mark.row("O-133")
def test_a_service_that_does_not_want_to_be_asked_again_is_not(upstream):
    server = upstream(openai_error(429, "rate_limit", x_should_retry="false"))
    assert Asked().code == "rate"
    assert len(server.requests) == 1


@pytest.mark.row("O-133")
def test_a_service_that_wants_to_be_asked_again_is(upstream):
    server = upstream(openai_error(400, None, x_should_retry="TRUE"), reply("fine"))
    assert Asked().text == "fine"
    assert len(server.requests) == 2


@pytest.mark.row("O-133")
def test_milliseconds_come_before_seconds(upstream):
    answer = openai_error(429, "rate_limit", retry_after_ms="150", retry_after="9")
    upstream(answer, reply("fine"))
    asked = Asked()
    assert asked.text == "fine"
    assert 0.15 <= asked.waits[0] <= 0.17


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "30s"}, 30),
        ({"retry-after": "30 seconds"}, 30),
        ({"retry-after": "Thu, 05 Dec 2024 00:00:00 GMT"}, None),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"retry-after": "999999999"}, 7 * 86_400),
        ({}, None),
    ],
)
def test_a_wait_in_the_headers(headers, seconds):
    assert retry_after(headers) == seconds


def test_a_wait_until_a_date():
    date = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    assert 7100 < retry_after({"retry-after": date}) <= 7200


@pytest.mark.row("O-133")
@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 20s.", 20),
        ("Please try again in 900ms.", 0.9),
        ("Please try again in 12m3.5s.", 723.5),
        ("Please try again in 1h2m3s", 3723),
        ("Please retry after 23 seconds.", 23),
        ("Try again in 5 minutes.", 300),
        ("Please wait 7200 seconds before retrying.", 7200),
        ("Please retry in 33.5s", 33.5),
        ("try again in 2 hours and 30 minutes", 9000),
        ("try again in 3 days", 259_200),
        ("Rate limit resets in 30s", 30),
        ("The limit resets on 5 December", None),
        ("Try again on 1 March", None),
        ("Try again later.", None),
        ("Please retry your request, 5 of 10", None),
    ],
)
def test_a_wait_in_words(words, seconds):
    assert retry_after_in(words) == (pytest.approx(seconds) if seconds else None)


@pytest.mark.row("O-133")
@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (0, "in a moment", "gleich"),
        (1, "in 1 second", "in 1 Sekunde"),
        (99, "in 99 seconds", "in 99 Sekunden"),
        (101, "in 2 minutes", "in 2 Minuten"),
        (3599.9, "in 60 minutes", "in 60 Minuten"),
        (5940, "in 99 minutes", "in 99 Minuten"),
        (6000, "in 2 hours", "in 2 Stunden"),
        (9000, "in 3 hours", "in 3 Stunden"),
        (86_399, "in 24 hours", "in 24 Stunden"),
        (86_400, "in 24 hours", "in 24 Stunden"),
        (172_800, "in 2 days", "in 2 Tagen"),
        (259_199, "in 3 days", "in 3 Tagen"),
        (604_800, "in 7 days", "in 7 Tagen"),
    ],
)
def test_a_time_is_told_in_its_unit_and_never_too_early(seconds, english, german):
    with translation.override("en"):
        assert failure_messages.in_words(seconds) == english
    with translation.override("de"):
        assert failure_messages.in_words(seconds) == german


# Streams that a service does not give.

UNVERIFIED = "Your organization must be verified to stream this model. Please go to: https://x."
WHOLE = {
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "all"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1},
}


@pytest.mark.row("O-134")
@pytest.mark.parametrize(
    ("status", "code", "param", "message"),
    [
        (400, "unsupported_value", "stream", UNVERIFIED),
        (403, None, None, UNVERIFIED),
        (400, None, None, "Streaming is not supported for this model."),
        (400, None, "stream", "Unsupported value: 'stream' does not support true."),
        (422, None, None, "This model does not support streaming"),
        (501, None, None, "stream is not implemented"),
        (404, None, None, "No endpoints found that support streaming; streaming is unsupported"),
        (400, "unsupported_parameter", "stream", "Unsupported parameter: 'stream'"),
        (400, None, None, "stream=true isn't allowed for your account"),
        (400, None, None, "`stream` must be false"),
    ],
)
def test_who_may_not_stream_is_asked_for_one_whole_answer(upstream, status, code, param, message):
    refusal = {"error": {"code": code, "param": param, "message": message}}
    server = upstream(error(status, refusal), error(200, WHOLE))
    assert Asked().text == "all"
    assert Asked().text == "all"  # This is remembered.
    first, *others = [request.json for request in server.requests]
    assert first["stream"]
    assert len(others) == 2
    assert not any("stream" in each or "stream_options" in each for each in others)


@pytest.mark.row("O-134")
@pytest.mark.parametrize(
    "message",
    ["Something in the stream of words", "upstream error: not found", "Livestreams are great"],
)
def test_other_words_about_streams_are_no_refusal(upstream, message):
    server = upstream(openai_error(400, None, message))
    assert Asked().code == "rejected"
    assert len(server.requests) == 1


@pytest.mark.row("O-134")
def test_one_whole_answer_has_the_same_deadline(upstream, clock):
    server = upstream(openai_error(400, None, UNVERIFIED), [after(clock, 21), hang])
    assert Asked().code == "timeout"
    assert len(server.requests) == 2
    assert server.hung_up.wait(PATIENCE)


@pytest.mark.row("O-134")
def test_one_whole_answer_is_hung_up_on(upstream):
    call = Call()
    server = upstream(openai_error(400, None, UNVERIFIED), [lambda client: call.close(), hang])
    asked = Asked(call=call)
    assert (asked.code, asked.text) == (None, "")
    assert server.hung_up.wait(PATIENCE)


@pytest.mark.row("O-134")
def test_a_whole_answer_may_be_larger_than_an_error(upstream, settings):
    settings.CHAT_REPLY_MAX_CHARS = 3_000_000
    message = {"role": "assistant", "content": "x" * 2_000_000}
    upstream(error(200, {"choices": [{"message": message, "finish_reason": "stop"}]}))
    assert len(Asked().text) == 2_000_000


# Streams of nothing.


@pytest.mark.row("O-129")
@pytest.mark.parametrize("answer", [head(), head() + b": ping\n\n", head() + b"\n\n\n"])
def test_a_stream_without_any_event_is_context(upstream, answer):
    server = upstream(answer)
    assert Asked().code == "context"
    assert len(server.requests) == 1


@pytest.mark.row("O-129")
def test_a_stream_that_is_stopped_before_its_first_event_is_not(upstream):
    call = Call()
    upstream([head(), lambda client: call.close(), hang])
    assert Asked(call=call).code is None


def test_a_stream_that_breaks_off_before_its_first_event_is_not(upstream):
    upstream(head(Content_Length=10))
    assert Asked().code == "unavailable"
