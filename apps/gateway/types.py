from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask; what is None is not sent."""

    model: str
    messages: list[dict[str, Any]]  # {"role": …, "content": …}; see openai_content.py.
    temperature: float | None = None
    max_tokens: int | None = None
    begun: str = ""  # What the answer goes on from, for those who read it; it is not sent.


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the upstream counted them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended."""

    # "stop", "length", "content_filter", "tool_calls", or "early" for what no table knows;
    # "" only when we closed the call.
    finish_reason: str
    usage: Usage | None
    refused: bool = False  # The text is a refusal.
    has_text: bool = True  # Else it is a picture, or was only thought.
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A page that an answer rests on, as the upstream named it."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReplyPicture:
    """A picture inside an answer, as it came: neither checked nor encoded anew."""

    data: bytes  # Empty where there is a problem.
    description: str = ""
    problem: str = ""  # Why it cannot be used: "address", "broken", "cut", "large" or "svg".
    host: str = ""  # Of its address, if that is what came; it is never fetched.
    is_inline: bool = False  # It stands within the text, where its letters stood.
