"""Errors of servers that one runs oneself: vLLM, SGLang, LM Studio, llama.cpp, Ollama."""

from __future__ import annotations

from typing import Any

from scripts.demo_openai.faults.service_errors.error_fault import ErrorFault, openai


def vllm(code: int, message: str, kind: str = "BadRequestError") -> dict[str, Any]:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": code}


LOCAL_SERVERS: dict[str, ErrorFault] = {
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
}  # fmt: skip
