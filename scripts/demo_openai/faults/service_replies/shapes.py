"""Replies in another shape than OpenAI's."""

from __future__ import annotations

from scripts.demo_openai.faults.service_replies.chunks import (
    DONE,
    HALVES,
    HMM,
    PICTURE,
    STOP,
    TEXT,
    Answer,
    delta,
    part,
    parts,
    picture,
    whole,
)

THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": HMM}]}

CITATION = {"type": "url_citation", "url_citation": {"url": "https://example.org/", "title": "E"}}

SHAPES = {
    "parts": Answer(
        "the text as a list of parts, thoughts among them",
        [
            delta(content=[THINKING]),
            *(delta(content=[{"type": "text", "text": half}]) for half in HALVES),
            *STOP,
        ],
    ),
    "parts-whole": Answer(
        "one JSON body whose text is a list of parts",
        body=whole(content=[THINKING, *({"type": "text", "text": half} for half in HALVES)]),
    ),
    "parts-unknown": Answer(
        "a part of a kind that nobody knows",
        [delta(content=[{"type": "hologram", "size": 3}]), *parts(*HALVES), *STOP],
    ),
    "second-choice": Answer(
        "a second choice between the pieces of the first",
        [
            part(HALVES[0]),
            delta(index=1, content="Another answer."),
            part(HALVES[1]),
            delta("length", index=1),
            *STOP,
        ],
    ),
    "reply-picture": Answer("text and a picture", [part(TEXT), picture(PICTURE), *STOP]),
    "reply-picture-only": Answer("a picture without a word", [picture(PICTURE), *STOP]),
    "reply-picture-address": Answer(
        "a picture as an address", [part(TEXT), picture("https://example.org/a.png"), *STOP]
    ),
    "reasoning-details": Answer(
        "the thoughts said twice, in two fields",
        [
            delta(
                content="",
                reasoning=HMM,
                reasoning_details=[{"type": "reasoning.text", "text": HMM}],
            ),
            *parts(*HALVES),
            *STOP,
        ],
    ),
    "blank-events": Answer(
        "events without data between the pieces",
        [part(HALVES[0]), b"data:\n\n", b"data: \n\n", part(HALVES[1]), *STOP],
    ),
    "repeat-message": Answer(
        "the last chunk has the whole message beside its delta",
        [
            *parts(*HALVES),
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {},
                        "message": {"role": "assistant", "content": TEXT},
                        "finish_reason": "stop",
                    }
                ]
            },
            DONE,
        ],
    ),
    "repeat-delta": Answer(
        "the last delta says the whole text again", [*parts(*HALVES), delta("stop", content=TEXT)]
    ),
    "lines": Answer(
        "events that only line ends part",
        [
            *(b'data: {"choices": [{"delta": {"content": "%s"}}]}\n' % h.encode() for h in HALVES),
            *STOP,
        ],
    ),
    "enveloped": Answer("one JSON body inside another", body={"data": whole(content=TEXT)}),
    "pings": Answer(
        "words between the pieces that only keep the connection open",
        [part(HALVES[0]), b"data: ping\n\n", {"type": "ping"}, part(HALVES[1]), *STOP],
    ),
    "tool-result": Answer(
        "what a tool of the service has said, among the parts",
        [delta(content=[{"type": "tool_result", "content": "raw"}]), *parts(*HALVES), *STOP],
    ),
    "annotations": Answer(
        "sources as annotations", [part(TEXT), delta(annotations=[CITATION]), *STOP]
    ),
    "citations": Answer(
        "sources on each chunk",
        [*({**part(half), "citations": ["https://example.org/"]} for half in HALVES), *STOP],
    ),
    "json-429": Answer(
        "200 with an error of the number 429 in JSON",
        body={"error": {"code": 429, "message": "Rate limited"}},
    ),
    "json-429-events": Answer(
        "the same, called a stream of events",
        body={"error": {"code": 429, "message": "Rate limited"}},
        kind="text/event-stream",
    ),
}
