"""What single models refuse, and how much they take, learnt from their refusals.

What this process knows is here, for the gateway has no database; openai_quirk_rows.py shares it.
"""

import re
from collections import defaultdict
from typing import Any

from django.conf import settings

from apps.core.text import clean_text
from apps.gateway.errors.translation import Failure
from apps.gateway.reply.content import joined, with_text
from apps.gateway.types import ChatRequest

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
_STREAM_REFUSAL = re.compile(
    r"verified to stream|\bstream(ing)?\b.{0,80}(not|n't|un)\W?\w*|(not|n't|un\w+ed)\b.{0,80}"
    r"\bstream(ing)?\b|non-?stream\w* only|must be (false|disabled)",
    re.IGNORECASE | re.DOTALL,
)
_STREAM_STATUSES = (400, 403, 404, 405, 422, 501)

Key = tuple[str, str]  # Base URL and model.
Quirk = str | int | None

# What is sent in place of a parameter (None: nothing), and `context_tokens`: what fits the model.
_learnt: dict[Key, dict[str, Quirk]] = defaultdict(dict)
_unsaved: set[tuple[Key, str]] = set()


def parameters(request: ChatRequest) -> dict[str, Any]:
    """Return the least that asks for a stream, in the words that this model takes."""
    learnt = known(key(request.model))
    streams = learnt.get("stream", "stream")
    wanted: dict[str, Any] = {
        "model": request.model,
        "messages": _with_role(_cleaned(request.messages), learnt.get("system", "system")),
        "stream": True,
        "stream_options": {"include_usage": True} if streams else None,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
    }
    sent = {learnt.get(name, name): value for name, value in wanted.items()}
    return {str(name): value for name, value in sent.items() if name and value is not None}


def known(about: Key) -> dict[str, Quirk]:
    """Return what this process knows of a model."""
    return _learnt.get(about, {})


def context_tokens(model: str) -> int | None:
    """Return how many tokens the model takes, as far as its refusals have told."""
    tokens = known(key(model)).get("context_tokens")
    return tokens if isinstance(tokens, int) else None


def note(model: str, name: str, value: Quirk) -> None:
    """Know this from now on, until it is forgotten everywhere."""
    about = key(model)
    _learnt[about][name] = value
    _unsaved.add((about, name))


def unsaved() -> list[tuple[Key, str, Quirk]]:
    """Return what this process has learnt and has not shared yet."""
    return [(about, name, _learnt[about].get(name)) for about, name in list(_unsaved)]


def mark_saved(about: Key, name: str) -> None:
    _unsaved.discard((about, name))


def replace(about: Key, quirks: dict[str, Quirk]) -> None:
    """Know what all processes know, and what this one has not shared yet."""
    own = {name: _learnt[about].get(name) for key, name in list(_unsaved) if key == about}
    _learnt[about] = {**quirks, **own}


def forget() -> None:
    """Know nothing, as at the first start."""
    _learnt.clear()
    _unsaved.clear()


def learn(model: str, sent: dict[str, Any], failure: Failure, adapted: set[str]) -> bool:
    """Tell whether the request is worth one more try without what was refused."""
    name = _refused(sent, failure) if failure.status in (400, 422) else None
    name = name or _refused_stream(sent, failure)
    if name is None or _family(name) in adapted:
        return False
    adapted.add(_family(name))
    if name == "system":
        note(model, name, "developer" if not settings.OPENAI_BASE_URL else "user")
    elif name in _OTHER_NAME:
        note(model, "max_tokens", _OTHER_NAME[name])
    else:
        note(model, name, None)
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


def _refused_stream(sent: dict[str, Any], failure: Failure) -> str | None:
    """Return "stream" if it is streaming that the model, or its account, may not do."""
    if "stream" not in sent or failure.status not in _STREAM_STATUSES:
        return None
    body = failure.body
    is_named = body.param == "stream" or re.search(r"\bstream(ing)?\b", body.words, re.IGNORECASE)
    return "stream" if is_named and _STREAM_REFUSAL.search(body.words) else None


def _family(name: str) -> str:
    return "max_tokens" if name in _OTHER_NAME else name


def key(model: str) -> Key:
    return settings.OPENAI_BASE_URL, model


def _cleaned(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "content": with_text(each["content"], clean_text)} for each in messages]


def _with_role(messages: list[dict[str, Any]], role: Quirk) -> list[dict[str, Any]]:
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
