"""Faults: requests refused for what is in them, or for their size."""

from __future__ import annotations

from collections.abc import Callable

from scripts.demo_openai.chat_api import Act, end, usage_of
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import (
    Fault,
    bad,
    bare_script,
    has,
    open_stream,
    ordinary,
    refuse,
    refuse_if,
)
from scripts.demo_openai.json_bodies import error_body
from scripts.demo_openai.messages import pictures_of, text_of

SMALL = 400  # Tokens that fit the smallest context.
OVERFLOW = "This model's maximum context length is 8192 tokens. Your messages have 9000 tokens."
CONTEXT = bad(OVERFLOW, "context_length_exceeded", "messages")


def outgrows(x: Exchange) -> bool:
    return bool(usage_of(x)["prompt_tokens"] > SMALL)


def has_role(role: str) -> Callable[[Exchange], bool]:
    return lambda x: any(message.get("role") == role for message in x.messages)


def unsupported(name: str, use: str | None = None) -> Act:
    hint = f" Use '{use}' instead." if use else ""
    message = f"Unsupported parameter: '{name}' is not supported with this model.{hint}"
    return refuse(400, error_body(message, "unsupported_parameter", name))


async def context_once(x: Exchange) -> None:
    """Refuse a question until it comes with fewer messages than at first."""
    question = text_of(x.messages[-1])
    most = x.server.most_messages.setdefault(question, len(x.messages))
    await (ordinary(x) if len(x.messages) < most else CONTEXT(x))


REFUSED_REQUESTS: dict[str, Fault] = {
    "context": Fault("400, context_length_exceeded", CONTEXT),
    "context-llama": Fault(
        "400, exceed_context_size_error, with a number as the code",
        bad(OVERFLOW, 400, None, "exceed_context_size_error"),
    ),
    "context-litellm": Fault(
        "400, ContextWindowExceededError, only in the words",
        bad(f"litellm.ContextWindowExceededError: {OVERFLOW}", "400"),
    ),
    "context-413": Fault(
        "413, the request is too large", refuse(413, b"Payload Too Large", "text/plain")
    ),
    "context-nothing": Fault("200 and a stream without any event", bare_script(open_stream, end)),
    "context-once": Fault(
        "context_length_exceeded until the same question has fewer messages", context_once
    ),
    "context-nothing-small": Fault(
        f"as llama.cpp: 200 without any event for more than {SMALL} tokens",
        refuse_if(outgrows, bare_script(open_stream, end)),
    ),
    "context-small": Fault(
        f"400, which names the size, for more than {SMALL} tokens",
        refuse_if(
            outgrows, bad(f"the request exceeds the available context size ({SMALL} tokens)")
        ),
    ),
    "stream-unverified": Fault(
        "400 for a stream; one whole answer is given",
        refuse_if(
            has("stream"),
            bad(
                "Your organization must be verified to stream this model. Please go to:"
                " https://platform.openai.com/settings/organization/general and click on Verify"
                " Organization.",
                "unsupported_value",
                "stream",
            ),
        ),
    ),
    "pictures": Fault(
        "400 for messages with pictures",
        refuse_if(
            lambda x: any(map(pictures_of, x.messages)),
            bad("Invalid content type. image_url is only supported by certain models."),
        ),
    ),
    "pictures-silent": Fault(
        "400 for messages with pictures, without a word about them",
        refuse_if(lambda x: any(map(pictures_of, x.messages)), bad("Invalid request.")),
    ),
    "max-tokens": Fault(
        "400 for max_tokens; max_completion_tokens is accepted",
        refuse_if(has("max_tokens"), unsupported("max_tokens", "max_completion_tokens")),
    ),
    "max-completion-tokens": Fault(
        "400 for max_completion_tokens; max_tokens is accepted",
        refuse_if(has("max_completion_tokens"), unsupported("max_completion_tokens")),
    ),
    "max-tokens-always": Fault(
        "400 unsupported max_tokens, whatever is sent", unsupported("max_tokens")
    ),
    "temperature": Fault(
        "400 for temperature",
        refuse_if(
            has("temperature"),
            bad(
                "Unsupported value: 'temperature' does not support this value.",
                "unsupported_value",
                "temperature",
            ),
        ),
    ),
    "system-role": Fault(
        "400 for the role system",
        refuse_if(
            has_role("system"),
            bad(
                "Unsupported value: 'messages[0].role' does not support 'system'.",
                "unsupported_value",
                "messages[0].role",
            ),
        ),
    ),
    "developer-role": Fault(
        "400 for the role developer",
        refuse_if(has_role("developer"), bad("Unknown role 'developer'.", None)),
    ),
    "stream-options": Fault(
        "400 for stream_options", refuse_if(has("stream_options"), unsupported("stream_options"))
    ),
}
