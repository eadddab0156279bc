"""Replies that end with a reason of the service's own."""

from __future__ import annotations

from scripts.demo_openai.faults.service_replies.chunks import (
    DONE,
    HALVES,
    HMM,
    STOP,
    Answer,
    delta,
    ended,
    part,
    parts,
)

ENDS = {
    "end-eos": Answer("ends with `EOS`", ended("EOS")),
    "end-null": Answer(
        "says `null` in quotation marks as the reason of each piece, and `stop` at its end",
        [*(delta("null", content=half) for half in HALVES), *STOP],
    ),
    "end-max-tokens": Answer("ends with `MAX_TOKENS`", ended("MAX_TOKENS")),
    "end-model-length": Answer("ends with `model_length`", ended("model_length")),
    "end-safety": Answer("ends with `SAFETY`", ended("SAFETY")),
    "end-fault": Answer(
        "ends with `insufficient_system_resource`", ended("insufficient_system_resource")
    ),
    "end-unknown": Answer("ends with a reason that nobody knows", ended("tea_time")),
    "end-function": Answer(
        "ends with `function_call`, without text",
        ended("function_call", delta(function_call={"name": "rm", "arguments": "{}"})),
    ),
    "end-object": Answer(
        "ends with an object that says `length`",
        [*parts(*HALVES), {"choices": [{"delta": {}, "finish_reason": {"type": "length"}}]}, DONE],
    ),
    "end-native": Answer(
        "ends with `stop`, and beside it the model's own `MAX_TOKENS`",
        [
            *parts(*HALVES),
            {
                "choices": [
                    {"delta": {}, "finish_reason": "stop", "native_finish_reason": "MAX_TOKENS"}
                ]
            },
            DONE,
        ],
    ),
    "end-line": Answer(
        "breaks off with an error in a bare line",
        [*parts(*HALVES), b'{"error":"model runner has unexpectedly stopped"}\n'],
    ),
    "end-thinking": Answer(
        "ends with `length` while it thinks", ended("length", delta(reasoning_content=HMM))
    ),
    "end-think-tag": Answer(
        "ends with `length` inside `<think>`", ended("length", part(f"<think>\n{HMM}"))
    ),
}
