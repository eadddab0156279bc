"""Value types of the gateway's interface."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request for a chat completion; fields that are None are not sent."""

    model: str
    messages: list[dict[str, Any]]  # {"role": …, "content": …}; see reply/content.py.
    temperature: float | None = None
    max_tokens: int | None = None
    prefix: str = ""  # The text that the reply continues; for the parser, not sent.


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts, as reported by the upstream."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reply ended."""

    # "stop", "length", "content_filter", "tool_calls", or "early" for an unknown reason;
    # "" only if the call was closed.
    finish_reason: str
    usage: Usage | None
    refused: bool = False  # The text is a refusal.
    has_text: bool = True  # Otherwise it has pictures or reasoning alone.
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A web page that a reply cites, as the upstream named it."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReplyPicture:
    """A picture inside a reply, as it came: neither checked nor re-encoded."""

    data: bytes  # Empty where there is a problem.
    description: str = ""
    problem: str = ""  # Why it cannot be used: "address", "broken", "cut", "large" or "svg".
    host: str = ""  # Of a picture that came as a URL; it is never fetched.
    is_inline: bool = False  # Its place is within the text, where its data stood.
