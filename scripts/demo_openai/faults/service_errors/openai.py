"""Errors of OpenAI, and of Azure, which serves its models."""

from __future__ import annotations

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai

OPENAI: dict[str, ErrorFault] = {
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
}  # fmt: skip
