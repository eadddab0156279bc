"""What single models refuse, learnt from their refusals; kept as long as the process lives."""

import re
from collections import defaultdict
from typing import Any

from django.conf import settings

from .openai_content import joined, with_text
from .openai_errors import Failure
from .openai_values import ChatRequest
from .text import clean_text

_OTHER_NAME = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_REFUSABLE = ["max_tokens", "max_completion_tokens", "temperature", "stream_options"]
_REFUSAL = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed"
    r"|only the default",
    re.IGNORECASE,
)
# (base URL, model) → what is sent in place of a parameter; None: nothing.
_learnt: dict[tuple[str, str], dict[str, str | None]] = defaultdict(dict)


def parameters(request: ChatRequest) -> dict[str, Any]:
    """Return the least that asks for a stream, in the words that this model takes."""
    learnt = _learnt[_key(request.model)]
    wanted: dict[str, Any] = {
        "model": request.model,
        "messages": _with_role(_cleaned(request.messages), learnt.get("system", "system")),
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
    }
    sent = {learnt.get(name, name): value for name, value in wanted.items()}
    return {name: value for name, value in sent.items() if name and value is not None}


def learn(model: str, sent: dict[str, Any], failure: Failure, adapted: set[str]) -> bool:
    """Tell whether the request is worth one more try without what was refused."""
    if failure.status not in (400, 422):
        return False
    name = _refused(sent, failure)
    if name is None or _family(name) in adapted:
        return False
    adapted.add(_family(name))
    learnt = _learnt[_key(model)]
    if name == "system":
        learnt["system"] = "developer" if not settings.OPENAI_BASE_URL else "user"
    elif name in _OTHER_NAME:
        learnt["max_tokens"] = _OTHER_NAME[name]
    else:
        learnt[name] = None
    return True


def _refused(sent: dict[str, Any], failure: Failure) -> str | None:
    """Return the parameter that the server names as one it does not take."""
    body = failure.body
    if "unsupported" not in body.names and not _REFUSAL.search(body.message):
        return None
    candidates = [name for name in _REFUSABLE if name in sent]
    for name in candidates:
        if body.param.startswith(name):
            return name
    for name in candidates:
        if re.search(rf"\b{name}\b", body.message):
            return name
    has_system = any(message["role"] == "system" for message in sent["messages"])
    about_role = "role" in body.param or re.search(r"\brole\b", body.message, re.IGNORECASE)
    return "system" if has_system and about_role else None


def _family(name: str) -> str:
    return "max_tokens" if name in _OTHER_NAME else name


def _key(model: str) -> tuple[str, str]:
    return settings.OPENAI_BASE_URL, model


def _cleaned(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "content": with_text(each["content"], clean_text)} for each in messages]


def _with_role(messages: list[dict[str, Any]], role: str | None) -> list[dict[str, Any]]:
    """Give the system's words another role; as a user's they join the first question."""
    if role == "system":
        return messages
    if role == "developer":
        return [{**m, "role": "developer"} if m["role"] == "system" else m for m in messages]
    words = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    others = [m for m in messages if m["role"] != "system"]
    if not words:
        return others
    if not others or others[0]["role"] != "user":
        return [{"role": "user", "content": words}, *others]
    first = {**others[0], "content": joined(words, others[0]["content"])}
    return [first, *others[1:]]
