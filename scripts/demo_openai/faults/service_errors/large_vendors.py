"""Errors of Groq, Mistral, Google and Anthropic."""

from __future__ import annotations

from typing import Any

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai


def anthropic(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def google(code: int, status: str, message: str, *details: dict[str, Any]) -> list[dict[str, Any]]:
    error = {"code": code, "message": message, "status": status, "details": list(details)}
    return [{"error": error}]  # A list, at the address that speaks OpenAI's API.


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

LARGE_VENDORS: dict[str, ErrorFault] = {
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
}  # fmt: skip
