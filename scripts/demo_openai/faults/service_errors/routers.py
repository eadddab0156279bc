"""Errors of services that pass requests on to others: OpenRouter, LiteLLM, one-api."""

from __future__ import annotations

from typing import Any

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai


def openrouter(code: int, message: str, **metadata: Any) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"error": {**error, "metadata": metadata} if metadata else error, "user_id": "user_1"}


def litellm(code: str, message: str, kind: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


ROUTERS: dict[str, ErrorFault] = {
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
}  # fmt: skip
