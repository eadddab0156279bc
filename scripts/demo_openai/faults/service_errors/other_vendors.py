"""Errors of Together, Fireworks, xAI, Cohere, Cerebras, NVIDIA, Amazon and others."""

from __future__ import annotations

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai

OTHER_VENDORS: dict[str, ErrorFault] = {
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
}  # fmt: skip
