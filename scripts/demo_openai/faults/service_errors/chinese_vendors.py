"""Errors of DeepSeek, Moonshot, Qwen, Zhipu, MiniMax and others in China."""

from __future__ import annotations

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai

CHINESE_VENDORS: dict[str, ErrorFault] = {
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
}  # fmt: skip
