"""Errors of real services, as data: faults of the demo model.

Each is what a service has been seen to answer, shortened. `code` is what Parlor has to make of it,
and becomes part of the fault's description in `--list-faults`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ErrorFault:
    code: str
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    where: str = "chat"

    @property
    def about(self) -> str:
        return f"{self.status}, which is `{self.code}`"

    @property
    def kind(self) -> str:
        """Return the content type."""
        return "text/html" if isinstance(self.body, bytes) else "application/json"


def openai(
    message: str, code: object = None, kind: str = "invalid_request_error", param: str | None = None
) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def anthropic(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def google(code: int, status: str, message: str, *details: dict[str, Any]) -> list[dict[str, Any]]:
    error = {"code": code, "message": message, "status": status, "details": list(details)}
    return [{"error": error}]  # A list, at the address that speaks OpenAI's API.


def openrouter(code: int, message: str, **metadata: Any) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"error": {**error, "metadata": metadata} if metadata else error, "user_id": "user_1"}


def vllm(code: int, message: str, kind: str = "BadRequestError") -> dict[str, Any]:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": code}


def litellm(code: str, message: str, kind: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


PER_MINUTE = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}],
}
PER_DAY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
}
DELAY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "33s"}
GOOGLE_QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more"
    " information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)

ERROR_FAULTS: dict[str, ErrorFault] = {
    # OpenAI.
    "openai-not-chat": ErrorFault(
        "model", 404,
        openai("This is not a chat model and thus not supported in the v1/chat/completions"
               " endpoint. Did you mean to use v1/completions?", param="model"),
    ),
    "openai-responses-only": ErrorFault(
        "model", 404,
        openai("This model is only supported in v1/responses and not in v1/chat/completions.",
               param="model"),
    ),
    "openai-gone": ErrorFault(
        "model", 404,
        openai("The model `gpt-4-32k` has been deprecated, learn more here:"
               " https://platform.openai.com/docs/deprecations", "model_not_found"),
    ),
    "openai-no-access": ErrorFault(
        "model", 403,
        openai("Project `proj_1` does not have access to model `gpt-x`.", "model_not_found"),
    ),
    "openai-size": ErrorFault(
        "context", 400,
        openai("This model's maximum context length is 4096 tokens. However, your messages"
               " resulted in 5000 tokens. Please reduce the length of the messages.",
               "context_length_exceeded", param="messages"),
    ),
    "openai-input-window": ErrorFault(
        "context", 400,
        openai("Your input exceeds the context window of this model. Please adjust your input"
               " and try again.", "context_length_exceeded", param="input"),
    ),
    "openai-too-long-text": ErrorFault(
        "context", 400,
        openai("Invalid 'messages[0].content': string too long. Expected a string with maximum"
               " length 10485760, but got a string with length 20000000 instead.",
               "string_above_max_length", param="messages[0].content"),
    ),
    "openai-too-large-a-minute": ErrorFault(
        "context", 429,
        openai("Request too large for gpt-x in organization org-1 on tokens per min (TPM): Limit"
               " 30000, Requested 40000. The input or output tokens must be reduced in order to"
               " run successfully.", "rate_limit_exceeded", "tokens"),
    ),
    "openai-a-minute": ErrorFault(
        "rate", 429,
        openai("Rate limit reached for gpt-x in organization org-1 on requests per min (RPM):"
               " Limit 3, Used 3, Requested 1. Please try again in 40s.", "rate_limit_exceeded",
               "requests"),
    ),
    "openai-billing": ErrorFault(
        "quota", 429,
        openai("Your account is not active, please check your billing details on our website.",
               "billing_not_active", "billing_not_active"),
    ),
    "openai-billing-limit": ErrorFault(
        "quota", 400,
        openai("Billing hard limit has been reached", "billing_hard_limit_reached"),
    ),
    "openai-flagged": ErrorFault(
        "policy", 400,
        openai("Invalid prompt: your prompt was flagged as potentially violating our usage"
               " policy. Please try again with a different prompt.", "invalid_prompt"),
    ),
    "openai-country": ErrorFault(
        "credentials", 403,
        openai("Country, region, or territory not supported",
               "unsupported_country_region_territory", "request_forbidden"),
    ),
    "openai-wrong-path": ErrorFault(
        "rejected", 404, openai("Invalid URL (POST /v1/v1/chat/completions)")
    ),
    "openai-image-address": ErrorFault(
        "pictures", 400,
        openai("Error while downloading https://example.org/cat.png.", "invalid_image_url"),
    ),
    "openai-image-broken": ErrorFault(
        "pictures", 400,
        openai("The image data you provided does not represent a valid image.",
               "image_parse_error"),
    ),
    "openai-overloaded": ErrorFault(
        "unavailable", 503,
        openai("The engine is currently overloaded, please try again later", None, "server_error"),
    ),
    # Azure.
    "azure-deployment": ErrorFault(
        "model", 404,
        {"error": {"code": "DeploymentNotFound",
                   "message": "The API deployment for this resource does not exist. If you created"
                   " the deployment within the last 5 minutes, please wait a moment."}},
    ),
    "azure-operation": ErrorFault(
        "model", 400,
        {"error": {"code": "OperationNotSupported",
                   "message": "The chatCompletion operation does not work with the specified"
                   " model, text-embedding-3. Please choose different model and try again."}},
    ),
    "azure-filter": ErrorFault(
        "policy", 400,
        {"error": {"message": "The response was filtered due to the prompt triggering Azure"
                   " OpenAI's content management policy.", "type": None, "param": "prompt",
                   "code": "content_filter", "status": 400,
                   "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    ),
    "azure-filter-inner": ErrorFault(
        "policy", 400,
        {"error": {"code": "BadRequest", "message": "The request was refused.",
                   "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    ),
    "azure-a-minute": ErrorFault(
        "rate", 429,
        {"error": {"code": "429",
                   "message": "Requests to the ChatCompletions_Create Operation under Azure OpenAI"
                   " API have exceeded call rate limit of your current OpenAI S0 pricing tier."
                   " Please retry after 23 seconds. Please go here: https://aka.ms/quotaincrease if"
                   " you would like to further increase the default rate limit."}},
    ),
    "azure-tokens-a-minute": ErrorFault(
        "rate", 429,
        {"error": {"code": "RateLimitReached",
                   "message": "Your requests to gpt-x in East US have exceeded the token rate limit"
                   " of your current AIServices S0 pricing tier. Please retry after 60 seconds."}},
    ),
    "azure-status-code": ErrorFault(
        "rate", 429,
        {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 5 minutes."},
    ),
    "azure-key": ErrorFault(
        "credentials", 401,
        {"error": {"code": "401", "message": "Access denied due to invalid subscription key or"
                   " wrong API endpoint."}},
    ),
    "azure-path": ErrorFault(
        "rejected", 404, {"error": {"code": "404", "message": "Resource not found"}}
    ),
    "azure-models-size": ErrorFault(
        "context", 413,
        {"error": {"code": "tokens_limit_reached",
                   "message": "Request body too large for gpt-x model. Max size: 8000 tokens."}},
    ),
    # OpenRouter.
    "openrouter-flagged": ErrorFault(
        "policy", 403,
        openrouter(403, "openai/gpt-x requires moderation on OpenAI. Your input was flagged for"
                   ' "violence".', reasons=["violence"], provider_name="OpenAI"),
    ),
    "openrouter-credits": ErrorFault(
        "quota", 402,
        openrouter(402, "Insufficient credits. Add more using https://openrouter.ai/credits"),
    ),
    "openrouter-afford": ErrorFault(
        "quota", 402,
        openrouter(402, "This request requires more credits, or fewer max_tokens. You requested up"
                   " to 65536 tokens, but can only afford 1000."),
    ),
    "openrouter-key-limit": ErrorFault(
        "quota", 403, openrouter(403, "Key limit exceeded (total limit). Manage it using the site.")
    ),
    "openrouter-no-model": ErrorFault(
        "model", 400, openrouter(400, "openai/gpt-gone is not a valid model ID")
    ),
    "openrouter-no-endpoints": ErrorFault(
        "model", 404, openrouter(404, "No endpoints found for openai/gpt-gone.")
    ),
    "openrouter-data-policy": ErrorFault(
        "model", 404,
        openrouter(404, "No endpoints found matching your data policy (Free model publication)."),
    ),
    "openrouter-guardrail": ErrorFault(
        "model", 404,
        openrouter(404, "No endpoints available matching your guardrail restrictions and data"
                   " policy. Configure: https://openrouter.ai/settings/privacy"),
    ),
    "openrouter-providers": ErrorFault(
        "model", 404,
        openrouter(404, "No allowed providers are available for the selected model."),
    ),
    "openrouter-no-provider": ErrorFault(
        "model", 503,
        openrouter(503, "No available model provider that meets your routing requirements"),
    ),
    "openrouter-blind": ErrorFault(
        "pictures", 404, openrouter(404, "No endpoints found that support image input")
    ),
    "openrouter-a-minute": ErrorFault(
        "rate", 429, openrouter(429, "Rate limit exceeded: free-models-per-min. ")
    ),
    "openrouter-a-day": ErrorFault(
        "quota", 429,
        openrouter(429, "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000"
                   " free model requests per day"),
    ),
    "openrouter-upstream": ErrorFault(
        "rate", 429,
        openrouter(429, "Provider returned error", provider_name="Chutes",
                   raw="x:free is temporarily rate-limited upstream. Please retry shortly."),
    ),
    "openrouter-raw-size": ErrorFault(
        "context", 400,
        openrouter(400, "Provider returned error", provider_name="Together",
                   raw='{"error": {"message": "This model\'s maximum context length is 16384 tokens'
                   '. However, you requested 20000 tokens.", "type": "invalid_request_error"}}'),
    ),
    "openrouter-raw-model": ErrorFault(
        "model", 400,
        openrouter(400, "Provider returned error", provider_name="Azure",
                   raw='{"error": {"code": "DeploymentNotFound", "message": "Gone."}}'),
    ),
    "openrouter-size": ErrorFault(
        "context", 400,
        openrouter(400, "This endpoint's maximum context length is 8192 tokens. However, you"
                   " requested about 9000 tokens (8500 of text input, 500 in the output)."),
    ),
    "openrouter-no-credentials": ErrorFault(
        "credentials", 401, openrouter(401, "No auth credentials found")
    ),
    "openrouter-200": ErrorFault("rate", 200, openrouter(429, "Rate limited")),
    "openrouter-200-provider": ErrorFault(
        "unavailable", 200, openrouter(502, "Provider returned error")
    ),
    "openrouter-200-flagged": ErrorFault(
        "policy", 200, openrouter(403, "Your input was flagged", reasons=["violence"])
    ),
    # Groq.
    "groq-decommissioned": ErrorFault(
        "model", 400,
        openai("The model `x` has been decommissioned and is no longer supported. Please refer to"
               " https://console.groq.com/docs/deprecations for a recommendation on which model to"
               " use instead.", "model_decommissioned"),
    ),
    "groq-terms": ErrorFault(
        "model", 400,
        openai("The model `x` requires terms acceptance. Please have the org admin accept the"
               " terms.", "model_terms_required"),
    ),
    "groq-no-model": ErrorFault(
        "model", 404,
        openai("The model `x` does not exist or you do not have access to it.", "model_not_found"),
    ),
    "groq-not-chat": ErrorFault(
        "model", 400, openai("The model `whisper-large-v3` does not support chat completions")
    ),
    "groq-blocked": ErrorFault(
        "model", 403,
        openai("The model `x` is blocked at the project level. Please have a project admin enable"
               " this model in the project settings.", "model_permission_blocked_project",
               "permissions_error"),
    ),
    "groq-a-minute": ErrorFault(
        "rate", 429,
        openai("Rate limit reached for model `x` in organization `org` on tokens per minute (TPM):"
               " Limit 6000, Used 5990, Requested 100. Please try again in 900ms. Need more tokens?"
               " Upgrade to Dev Tier today at https://console.groq.com/settings/billing",
               "rate_limit_exceeded", "tokens"),
        {"retry-after": "1"},
    ),
    "groq-a-day": ErrorFault(
        "rate", 429,
        openai("Rate limit reached for model `x` in organization `org` on tokens per day (TPD):"
               " Limit 100000, Used 99999, Requested 100. Please try again in 12m3.5s. Need more"
               " tokens? Visit https://console.groq.com/settings/billing", "rate_limit_exceeded",
               "tokens"),
    ),
    "groq-too-large": ErrorFault(
        "context", 413,
        openai("Request too large for model `x` in organization `org` on tokens per minute (TPM):"
               " Limit 6000, Requested 10000, please reduce your message size and try again.",
               "rate_limit_exceeded", "tokens"),
    ),
    "groq-length": ErrorFault(
        "context", 400,
        openai("Please reduce the length of the messages or completion.",
               "context_length_exceeded", param="messages"),
    ),
    "groq-blind": ErrorFault(
        "pictures", 400,
        openai("messages[0].content must be a string: this model does not support images"),
    ),
    # Mistral.
    "mistral-no-model": ErrorFault(
        "model", 400,
        {"object": "error", "message": "Invalid model: mistral-gone", "type": "invalid_model",
         "param": None, "code": "1500"},
    ),
    "mistral-size": ErrorFault(
        "context", 400,
        {"object": "error", "message": "Prompt contains 40000 tokens and 0 draft tokens, too large"
         " for model with 32768 maximum context length", "type": "invalid_request_prompt",
         "param": None, "code": "3051"},
    ),
    "mistral-capacity": ErrorFault(
        "rate", 429,
        {"object": "error", "message": "Service tier capacity exceeded for this model.",
         "type": "service_tier_capacity_exceeded", "param": None, "code": "3505"},
    ),
    "mistral-requests": ErrorFault("rate", 429, {"message": "Requests rate limit exceeded"}),
    "mistral-key": ErrorFault("credentials", 401, {"detail": "Unauthorized"}),
    "mistral-blind": ErrorFault(
        "pictures", 400,
        {"object": "error", "message": "Image input is not enabled for this model", "code": "3051"},
    ),
    # Google Gemini, at its address that speaks OpenAI's API.
    "gemini-a-minute": ErrorFault(
        "rate", 429, google(429, "RESOURCE_EXHAUSTED", GOOGLE_QUOTA, PER_MINUTE, DELAY)
    ),
    "gemini-a-day": ErrorFault(
        "quota", 429, google(429, "RESOURCE_EXHAUSTED", GOOGLE_QUOTA, PER_DAY)
    ),
    "gemini-exhausted": ErrorFault(
        "rate", 429,
        google(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    ),
    "gemini-no-model": ErrorFault(
        "model", 404,
        google(404, "NOT_FOUND", "models/gemini-gone is not found for API version v1main, or is not"
               " supported for generateContent. Call ListModels to see the list of models."),
    ),
    "gemini-entity": ErrorFault(
        "model", 404, google(404, "NOT_FOUND", "Requested entity was not found.")
    ),
    "gemini-key": ErrorFault(
        "credentials", 400,
        google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
               {"reason": "API_KEY_INVALID"}),
    ),
    "gemini-place": ErrorFault(
        "rejected", 400,
        google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    ),
    "gemini-size": ErrorFault(
        "context", 400,
        google(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number"
               " of tokens allowed (1048576)."),
    ),
    "gemini-blocked": ErrorFault(
        "policy", 400,
        google(400, "INVALID_ARGUMENT", "The prompt was blocked due to PROHIBITED_CONTENT."),
    ),
    "gemini-picture": ErrorFault(
        "pictures", 400,
        google(400, "INVALID_ARGUMENT", "Unable to process input image. Please retry or report."),
    ),
    "gemini-overloaded": ErrorFault(
        "unavailable", 503,
        google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    ),
    # Anthropic, at its address that speaks OpenAI's API.
    "anthropic-no-model": ErrorFault(
        "model", 404, anthropic("not_found_error", "model: claude-gone")
    ),
    "anthropic-size": ErrorFault(
        "context", 400,
        anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    ),
    "anthropic-reply-size": ErrorFault(
        "context", 400,
        anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit:"
                  " 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again"),
    ),
    "anthropic-bytes": ErrorFault(
        "context", 413,
        anthropic("request_too_large", "Request exceeds the maximum size"),
    ),
    "anthropic-credit": ErrorFault(
        "quota", 400,
        anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic"
                  " API. Please go to Plans & Billing to upgrade or purchase credits."),
    ),
    "anthropic-usage": ErrorFault(
        "quota", 400,
        anthropic("invalid_request_error", "This organization has reached its monthly usage limit."
                  " You will regain access on 2026-12-01 at 00:00 UTC."),
    ),
    "anthropic-rate": ErrorFault(
        "rate", 429,
        anthropic("rate_limit_error", "This request would exceed your organization's rate limit of"
                  " 50,000 input tokens per minute."),
        {"retry-after": "1"},
    ),
    "anthropic-overloaded": ErrorFault(
        "unavailable", 529, anthropic("overloaded_error", "Overloaded")
    ),
    "anthropic-key": ErrorFault(
        "credentials", 401, anthropic("authentication_error", "invalid x-api-key")
    ),
    "anthropic-picture": ErrorFault(
        "pictures", 400, anthropic("invalid_request_error", "Could not process image")
    ),
    "anthropic-picture-size": ErrorFault(
        "pictures", 400,
        anthropic("invalid_request_error", "messages.0.content.1.image.source.base64: image exceeds"
                  " 5 MB maximum: 6291456 bytes > 5242880 bytes"),
    ),
    "anthropic-filter": ErrorFault(
        "policy", 400,
        anthropic("invalid_request_error", "Output blocked by content filtering policy"),
    ),
    # DeepSeek, Moonshot, Qwen, Zhipu, MiniMax.
    "deepseek-balance": ErrorFault(
        "quota", 402, openai("Insufficient Balance", "invalid_request_error", "unknown_error")
    ),
    "deepseek-model": ErrorFault("model", 400, openai("Model Not Exist", "invalid_request_error")),
    "deepseek-risk": ErrorFault(
        "policy", 400, openai("Content Exists Risk", "invalid_request_error")
    ),
    "deepseek-size": ErrorFault(
        "context", 400,
        openai("This model's maximum context length is 65536 tokens. However, you requested 70000"
               " tokens (65904 in the messages, 4096 in the completion)."),
    ),
    "deepseek-blind": ErrorFault(
        "pictures", 400,
        openai("Failed to deserialize the JSON body into the target type: messages[0]: unknown"
               " variant `image_url`, expected `text` at line 1 column 152"),
    ),
    "moonshot-risk": ErrorFault(
        "policy", 400,
        openai("The request was rejected because it was considered high risk", None,
               "content_filter"),
    ),
    "moonshot-size": ErrorFault(
        "context", 400,
        openai("Invalid request: Your request exceeded model token limit: 8192"),
    ),
    "moonshot-quota": ErrorFault(
        "quota", 429,
        openai("Your account has insufficient balance, please recharge.", None,
               "exceeded_current_quota_error"),
    ),
    "moonshot-rate": ErrorFault(
        "rate", 429,
        openai("Your account reached max request: 3, please try again after 1 seconds", None,
               "rate_limit_reached_error"),
    ),
    "qwen-inspection": ErrorFault(
        "policy", 400,
        openai("Input data may contain inappropriate content.", "data_inspection_failed"),
    ),
    "qwen-size": ErrorFault(
        "context", 400,
        openai("Range of input length should be [1, 30720]", "invalid_parameter_error"),
    ),
    "qwen-arrears": ErrorFault(
        "quota", 400,
        openai("Access denied, please make sure your account is in good standing.", "Arrearage"),
    ),
    "zhipu-size": ErrorFault("context", 400, {"error": {"code": "1261", "message": "Prompt exceeds"
                                                        " max length"}}),
    "zhipu-model": ErrorFault(
        "model", 400, {"error": {"code": "1211", "message": "模型不存在，请检查模型代码。"}}
    ),
    "minimax-size": ErrorFault(
        "context", 400, openai("invalid params, context window exceeds limit (2013)")
    ),
    "qwen-numbered-size": ErrorFault(
        "context", 400,
        openai("<400> InternalError.Algo.InvalidParameter: Range of input length should be"
               " [1, 129024]", "invalid_parameter_error"),
    ),
    "qwen-free-tier": ErrorFault(
        "quota", 403,
        openai("The free tier of the model has been exhausted. If you wish to continue access the"
               " model on a paid basis, please disable the free tier only mode.",
               "AllocationQuota.FreeTierOnly"),
    ),
    "moonshot-no-model": ErrorFault(
        "model", 404,
        {"error": {"message": "Not found the model kimi-gone or Permission denied",
                   "type": "resource_not_found_error"}},
    ),
    "minimax-200-balance": ErrorFault(
        "quota", 200,
        {"id": "1", "choices": None,
         "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
    ),
    "minimax-200-rate": ErrorFault(
        "rate", 200,
        {"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}},
    ),
    "minimax-200-sensitive": ErrorFault(
        "policy", 200,
        {"choices": None, "input_sensitive": True,
         "base_resp": {"status_code": 1026, "status_msg": "input new_sensitive"}},
    ),
    "minimax-200-login": ErrorFault(
        "credentials", 200,
        {"base_resp": {"status_code": 1004, "status_msg": "login fail: Please carry the API secret"
                       " key in the 'Authorization' field of the request header"}},
    ),
    "siliconflow-balance": ErrorFault(
        "quota", 403,
        {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None},
    ),
    "siliconflow-size": ErrorFault(
        "context", 400,
        {"code": 20015, "message": "length of prompt_tokens (131088) must be less than max_seq_len"
         " (131072).", "data": None},
    ),
    "baidu-200-token": ErrorFault(
        "credentials", 200,
        {"error_code": 110, "error_msg": "Access token invalid or no longer valid"},
    ),
    "ark-balance": ErrorFault(
        "quota", 403,
        openai("The request failed because your account has an overdue balance.",
               "AccountOverdueError", "Forbidden"),
    ),
    # vLLM, SGLang, TGI.
    "vllm-no-model": ErrorFault(
        "model", 404, vllm(404, "The model `x` does not exist.", "NotFoundError")
    ),
    "vllm-size": ErrorFault(
        "context", 400,
        vllm(400, "This model's maximum context length is 4096 tokens. However, your request has"
             " 5000 input tokens. Please reduce the length of the input messages."),
    ),
    "vllm-decoder": ErrorFault(
        "context", 400,
        vllm(400, "The decoder prompt (length 5000) is longer than the maximum model length of"
             " 4096. Make sure that `max_model_len` is no smaller than the number of text tokens."),
    ),
    "vllm-no-template": ErrorFault(
        "model", 400,
        vllm(400, "The model does not support Chat Completions API"),
    ),
    "vllm-blind": ErrorFault("pictures", 400, vllm(400, "x is not a multimodal model")),
    "vllm-no-images": ErrorFault(
        "pictures", 400, vllm(400, "At most 0 image(s) may be provided in one prompt.")
    ),
    "vllm-key": ErrorFault("credentials", 401, {"error": "Unauthorized"}),
    "sglang-size": ErrorFault(
        "context", 400,
        vllm(400, "The input (5000 tokens) is longer than the model's context length (4096"
             " tokens)."),
    ),
    "tgi-size": ErrorFault(
        "context", 422,
        {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 5000",
         "error_type": "validation"},
    ),
    "tgi-busy": ErrorFault(
        "rate", 429, {"error": "Model is overloaded", "error_type": "overloaded"}
    ),
    "huggingface-credits": ErrorFault(
        "quota", 402,
        {"error": "You have exceeded your monthly included credits for Inference Providers."},
    ),
    "huggingface-loading": ErrorFault(
        "unavailable", 503, {"error": "Model x is currently loading", "estimated_time": 20.0}
    ),
    "huggingface-model": ErrorFault(
        "model", 400,
        openai("The requested model 'x' is not supported by any provider you have enabled.",
               "model_not_supported", param="model"),
    ),
    # LM Studio, llama.cpp, Ollama, LocalAI.
    "lmstudio-none-loaded": ErrorFault(
        "model", 404,
        openai("No models loaded. Please load a model in the developer page or use the `lms load`"
               " command.", "model_not_found"),
    ),
    "lmstudio-string": ErrorFault(
        "model", 404, {"error": "No models loaded. Please load a model in the developer page."}
    ),
    "lmstudio-load": ErrorFault(
        "model", 400,
        {"error": 'Failed to load model "x". Error: Model loading was stopped due to insufficient'
         " system resources."},
    ),
    "lmstudio-size": ErrorFault(
        "context", 400,
        {"error": "Trying to keep the first 5000 tokens when context the overflows. However, the"
         " model is loaded with context length of only 4096 tokens, which is not enough."},
    ),
    "lmstudio-path": ErrorFault(
        "rejected", 404, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}
    ),
    "lmstudio-200": ErrorFault(
        "rejected", 200,
        {"error": {"code": 404, "message": "Unexpected endpoint or method. (POST /v1/v1)"}},
    ),
    "llamacpp-size": ErrorFault(
        "context", 400,
        {"error": {"code": 400, "message": "request (5000 tokens) exceeds the available context"
                   " size (4096 tokens), try increasing it", "type": "exceed_context_size_error",
                   "n_prompt_tokens": 5000, "n_ctx": 4096}},
    ),
    "llamacpp-field": ErrorFault(
        "context", 400,
        {"error": {"code": 400, "message": "the request does not fit", "n_ctx": 4096,
                   "type": "exceed_context_size_error", "n_prompt_tokens": 5000}},
    ),
    "llamacpp-loading": ErrorFault(
        "unavailable", 503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
    ),
    "llamacpp-blind": ErrorFault(
        "pictures", 500,
        {"error": {"code": 500, "message": "image input is not supported - hint: if this is"
                   " unexpected, you may need to provide the mmproj", "type": "server_error"}},
    ),
    "llamacpp-key": ErrorFault(
        "credentials", 401,
        {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}},
    ),
    "ollama-no-model": ErrorFault(
        "model", 404,
        openai('model "x" not found, try pulling it first', None, "api_error"),
    ),
    "ollama-not-chat": ErrorFault(
        "model", 400, openai('"nomic-embed-text" does not support chat', None, "api_error")
    ),
    "ollama-memory": ErrorFault(
        "model", 500,
        openai("model requires more system memory (8.4 GiB) than is available (4.1 GiB)", None,
               "api_error"),
    ),
    "ollama-busy": ErrorFault(
        "unavailable", 503,
        openai("server busy, please try again. maximum pending requests exceeded", None,
               "api_error"),
    ),
    "ollama-size": ErrorFault(
        "context", 400, {"error": "the input length exceeds the context length"}
    ),
    "localai-load": ErrorFault(
        "model", 500,
        {"error": {"code": 500, "message": "could not load model: rpc error: code = Canceled",
                   "type": ""}},
    ),
    # LiteLLM, one-api.
    "litellm-no-model": ErrorFault(
        "model", 400,
        litellm("400", "{'error': '/chat/completions: Invalid model name passed in model=x. Call"
                " `/v1/models` to view available models for your key.'}", "None"),
    ),
    "litellm-not-allowed": ErrorFault(
        "model", 401,
        litellm("401", "key not allowed to access model. This key can only access models=['a'].",
                "key_model_access_denied"),
    ),
    "litellm-budget": ErrorFault(
        "quota", 400,
        litellm("400", "Budget has been exceeded! Current cost: 10.1, Max budget: 10.0",
                "budget_exceeded"),
    ),
    "litellm-window": ErrorFault(
        "context", 400,
        litellm("400", "litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicError"
                " - prompt is too long: 210000 tokens > 200000 maximum"),
    ),
    "litellm-filter": ErrorFault(
        "policy", 400,
        litellm("400", "litellm.BadRequestError: litellm.ContentPolicyViolationError: The response"
                " was filtered due to the prompt triggering Azure OpenAI's content management"
                " policy"),
    ),
    "litellm-guardrail": ErrorFault(
        "policy", 500, litellm("500", "Violated guardrail policy", "None")
    ),
    "litellm-not-found": ErrorFault(
        "model", 404,
        litellm("404", "litellm.NotFoundError: OpenAIException - The model `x` does not exist."),
    ),
    "litellm-inner": ErrorFault(
        "model", 404,
        litellm("404", 'litellm.NotFoundError: AnthropicException - {"type":"error","error":'
                '{"type":"not_found_error","message":"model: claude-gone"}}. Received Model Group'),
    ),
    "litellm-provider": ErrorFault(
        "model", 400,
        litellm("400", "litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM"
                " provider you are trying to call. You passed model=x"),
    ),
    "litellm-unhealthy": ErrorFault(
        "model", 400,
        litellm("400", "There are no healthy deployments for this model. No deployments available"
                " for selected model"),
    ),
    "oneapi-channel": ErrorFault(
        "model", 503,
        openai("No available channel for model x under group default", "model_not_found",
               "new_api_error"),
    ),
    "oneapi-channel-zh": ErrorFault(
        "model", 503, openai("当前分组 default 下对于模型 x 无可用渠道", None, "one_api_error")
    ),
    "oneapi-quota": ErrorFault(
        "quota", 403,
        openai("user quota is not enough", "insufficient_user_quota", "one_api_error"),
    ),
    # Together, Fireworks, xAI, Cohere, Cerebras, NVIDIA, Bedrock, GitHub.
    "together-no-model": ErrorFault(
        "model", 404,
        openai("Unable to access model x. Please visit https://api.together.ai/models to view the"
               " list of supported models.", "model_not_available"),
    ),
    "together-size": ErrorFault(
        "context", 422,
        openai("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given:"
               " 5000 `inputs` tokens and 512 `max_new_tokens`"),
    ),
    "together-limit": ErrorFault(
        "quota", 402,
        openai("Credit limit exceeded, please add a payment method.", "credit_limit"),
    ),
    "fireworks-no-model": ErrorFault(
        "model", 404,
        {"error": {"object": "error", "type": "invalid_request_error", "code": "NOT_FOUND",
                   "message": "Model not found, inaccessible, and/or not deployed"}},
    ),
    "fireworks-size": ErrorFault(
        "context", 400,
        openai("The prompt is too long: 5000, model maximum context length: 4096"),
    ),
    "fireworks-suspended": ErrorFault(
        "quota", 412,
        openai("Account x is suspended, possibly due to reaching the monthly spending limit or"
               " failure to pay past invoices."),
    ),
    "xai-no-model": ErrorFault(
        "model", 404,
        {"code": "Some requested entity was not found",
         "error": "The model grok-gone does not exist or your team does not have access to it."},
    ),
    "xai-credits": ErrorFault(
        "quota", 403,
        {"code": "The caller does not have permission to execute the specified operation",
         "error": "Your newly created team doesn't have any credits or licenses yet."},
    ),
    "xai-size": ErrorFault(
        "context", 400,
        {"code": "Client specified an invalid argument",
         "error": "This model's maximum prompt length is 131072 but the request contains 537812"
         " tokens."},
    ),
    "xai-usage": ErrorFault(
        "policy", 403,
        {"code": "The caller does not have permission to execute the specified operation",
         "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"},
    ),
    "xai-key": ErrorFault(
        "credentials", 400,
        {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: x."},
    ),
    "cohere-no-model": ErrorFault(
        "model", 404,
        {"id": "1", "message": "model 'x' not found, make sure the correct model ID was used and"
         " that you have access to the model."},
    ),
    "cohere-gone": ErrorFault(
        "model", 404, {"message": "model 'command' was removed on September 15, 2025."}
    ),
    "cohere-size": ErrorFault(
        "context", 400,
        {"message": "too many tokens: total number of tokens in the prompt cannot exceed 4081 -"
         " received 5000. Try using a shorter prompt."},
    ),
    "cohere-trial": ErrorFault(
        "quota", 429,
        {"message": "You are using a Trial key, which is limited to 1000 API calls / month. You"
         " have exceeded your monthly limit."},
    ),
    "cohere-trial-minute": ErrorFault(
        "rate", 429,
        {"message": "You are using a Trial key, which is limited to 40 API calls / minute. You can"
         " continue to use the Trial key for free or upgrade to a Production key."},
    ),
    "cerebras-size": ErrorFault(
        "context", 400,
        {"message": "Please reduce the length of the messages or completion. Current length is"
         " 10000 while limit is 8192", "type": "invalid_request_error",
         "param": "messages", "code": "context_length_exceeded"},
    ),
    "cerebras-a-day": ErrorFault(
        "quota", 429,
        {"message": "Tokens per day limit exceeded - too many tokens processed.",
         "type": "too_many_tokens_error", "param": "quota", "code": "token_quota_exceeded"},
    ),
    "cerebras-a-minute": ErrorFault(
        "rate", 429,
        {"message": "Requests per minute limit exceeded - too many requests sent.",
         "type": "too_many_requests_error", "param": "quota", "code": "request_quota_exceeded"},
    ),
    "nvidia-gone": ErrorFault(
        "model", 410, {"status": 410, "title": "Gone", "detail": "The model 'x' has reached its end"
                       " of life and is no longer available."},
    ),
    "nvidia-function": ErrorFault(
        "model", 404,
        {"status": 404, "title": "Not Found", "detail": "Function '1': Not found for account 'x'."},
    ),
    "bedrock-size": ErrorFault(
        "context", 400, {"message": "Input is too long for requested model."}
    ),
    "bedrock-model": ErrorFault(
        "model", 400, {"message": "The provided model identifier is invalid."}
    ),
    "bedrock-on-demand": ErrorFault(
        "model", 400,
        {"message": "Invocation of model ID x with on-demand throughput isn’t supported. Retry your"
         " request with the ID or ARN of an inference profile."},
    ),
    "bedrock-throttled": ErrorFault(
        "rate", 429, {"__type": "ThrottlingException", "message": "Too many tokens, please wait"
                      " before trying again."},
    ),
    "cloudflare-model": ErrorFault(
        "model", 400, {"success": False, "errors": [{"code": 7000, "message": "No such model x"}]}
    ),
    "cloudflare-firewall": ErrorFault(
        "policy", 424,
        {"success": False, "error": [{"code": 2016, "message": "Prompt blocked due to security"
                                      " configurations"}]},
    ),
    "databricks-endpoint": ErrorFault(
        "model", 404,
        {"error_code": "ENDPOINT_NOT_FOUND", "message": "The given endpoint does not exist, please"
         " retry after checking the specified model and version deployment exists."},
    ),
    "databricks-size": ErrorFault(
        "context", 400,
        {"error_code": "BAD_REQUEST", "message": "Exceeded max token length of 8192"},
    ),
    "apim-volume": ErrorFault(
        "quota", 403,
        {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in"
         " 01:32:27."},
    ),
    "cloudflare-day": ErrorFault(
        "quota", 429,
        {"success": False, "errors": [{"code": 4006, "message": "you have used up your daily free"
                                       " allocation of 10,000 neurons, please upgrade."}]},
    ),
    "github-a-day": ErrorFault(
        "rate", 429,
        {"error": {"code": "RateLimitReached", "message": "Rate limit of 50 per 86400s exceeded for"
                   " UserByModelByDay. Please wait 7200 seconds before retrying."}},
    ),
    # A wrong base URL, and what stands in front of a service.
    "wrong-url-empty": ErrorFault("rejected", 404, b""),
    "wrong-url-text": ErrorFault("rejected", 404, b"404 page not found"),
    "wrong-url-detail": ErrorFault("rejected", 404, {"detail": "Not Found"}),
    "wrong-url-405": ErrorFault("rejected", 405, {"detail": "Method Not Allowed"}),
    "wrong-url-moved": ErrorFault(
        "rejected", 301, b"<html>301 Moved Permanently</html>", {"location": "https://127.0.0.1/"}
    ),
    # Asking again.
    "retry-never": ErrorFault(
        "rate", 429, openai("Too many requests"), {"x-should-retry": "false"}
    ),
    "retry-soon": ErrorFault("rate", 429, openai("Too many requests"), {"retry-after-ms": "1500"}),
    "retry-tomorrow": ErrorFault(
        "rate", 429, openai("Too many requests"), {"retry-after": "86400"}
    ),
    "retry-in-days": ErrorFault(
        "rate", 429, openai("Too many requests"), {"retry-after": "259200"}
    ),
    "retry-asked-for": ErrorFault(
        "rejected", 400, openai("Please send it again"), {"x-should-retry": "true"}
    ),
}  # fmt: skip
