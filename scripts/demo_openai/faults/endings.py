"""Faults: answers that are none, or not whole."""

from __future__ import annotations

from scripts.demo_openai.chat_api import GOOD_END, done, end, finish, send_delta, usage
from scripts.demo_openai.faults.acts import (
    HTML,
    PARTS,
    SERVER_ERROR,
    Fault,
    bare_script,
    refuse,
    script,
)

TOOL_CALL = {"index": 0, "id": "call_1", "type": "function"}
TOOL_CALL |= {"function": {"name": "delete_everything", "arguments": "{}"}}


ENDINGS: dict[str, Fault] = {
    "length": Fault("ends with `length`", script(*PARTS, finish("length"), usage, done, end)),
    "filter": Fault(
        "three pieces, then `content_filter`",
        script(*PARTS, finish("content_filter"), usage, done, end),
    ),
    "refusal": Fault(
        "a refusal and no text",
        bare_script(
            send_delta(role="assistant", content=None, refusal=""),
            send_delta(refusal="I cannot "),
            send_delta(refusal="help with that."),
            *GOOD_END,
        ),
    ),
    "tool-calls": Fault(
        "a tool call that nobody offered, and no text",
        bare_script(
            send_delta(role="assistant", content=None, tool_calls=[TOOL_CALL]),
            finish("tool_calls"),
            usage,
            done,
            end,
        ),
    ),
    "null-content": Fault(
        "null as the text of every piece", bare_script(*[send_delta(content=None)] * 3, *GOOD_END)
    ),
    "empty": Fault("finishes without any text", script(*GOOD_END)),
    "blank": Fault("finishes with nothing but white space", script(" ", "\n\n", " ", *GOOD_END)),
    "done-only": Fault("nothing but [DONE]", bare_script(done, end)),
    "json-200-error": Fault("200 with an error in JSON", refuse(200, SERVER_ERROR), "any"),
    "html-200": Fault("200 with a page of HTML", refuse(200, HTML, "text/html"), "any"),
    "empty-200": Fault("200 with an empty body", refuse(200, b""), "any"),
    "204": Fault("204", refuse(204, b""), "any"),
    "not-streamed": Fault(
        "200 with one JSON body, although a stream was asked for",
        refuse(
            200,
            {
                "id": "chatcmpl-demo",
                "object": "chat.completion",
                "created": 0,
                "model": "fault-not-streamed",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": "".join(PARTS)},
                        "finish_reason": "stop",
                    }
                ],
            },
        ),
    ),
}
