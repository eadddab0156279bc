from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask; what is None is not sent."""

    model: str
    messages: list[dict[str, Any]]  # {"role": …, "content": …}; see openai_content.py.
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the upstream counted them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended."""

    finish_reason: str  # "stop", "length", "content_filter" …; "" only when we closed the call.
    usage: Usage | None
    refused: bool = False  # The text is a refusal.


@dataclass(frozen=True, slots=True)
class Source:
    """A page that an answer rests on, as the upstream named it."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReplyPicture:
    """A picture inside an answer, as it came: neither checked nor encoded anew."""

    data: bytes  # Empty where the upstream gave an address, which is never fetched.
    description: str = ""
