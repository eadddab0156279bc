"""Model quirks: parameters that a model rejects, and its context window, learnt from its errors.

This is the process's memory; quirk_store.py shares it between processes.
"""

import re
from collections import defaultdict
from typing import Any

from django.conf import settings

from apps.core.text import clean_text
from apps.gateway.errors.translation import UpstreamError
from apps.gateway.reply.content import joined, with_text
from apps.gateway.types import ChatRequest

_ALTERNATIVE_NAMES = {
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

# By parameter, what is sent in its place (None: nothing); and `context_tokens`, the window.
_quirks: dict[Key, dict[str, Quirk]] = defaultdict(dict)
_unsaved: set[tuple[Key, str]] = set()


def parameters(request: ChatRequest) -> dict[str, Any]:
    """Return the parameters of a streaming request, adapted to what the model accepts."""
    learnt = quirks_of(key(request.model))
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


def quirks_of(model_key: Key) -> dict[str, Quirk]:
    """Return the quirks of a model that this process knows."""
    return _quirks.get(model_key, {})


def context_tokens(model: str) -> int | None:
    """Return the model's context window in tokens, if one of its errors has named it."""
    tokens = quirks_of(key(model)).get("context_tokens")
    return tokens if isinstance(tokens, int) else None


def remember(model: str, name: str, value: Quirk) -> None:
    """Remember a quirk of a model, to be saved by quirk_store.save()."""
    model_key = key(model)
    _quirks[model_key][name] = value
    _unsaved.add((model_key, name))


def unsaved() -> list[tuple[Key, str, Quirk]]:
    """Return the quirks that are not saved yet, as (key, name, value)."""
    return [(model_key, name, _quirks[model_key].get(name)) for model_key, name in list(_unsaved)]


def mark_saved(model_key: Key, name: str) -> None:
    _unsaved.discard((model_key, name))


def replace(model_key: Key, quirks: dict[str, Quirk]) -> None:
    """Replace the model's quirks by those saved, but keep those not saved yet."""
    own = {name: _quirks[model_key].get(name) for key, name in list(_unsaved) if key == model_key}
    _quirks[model_key] = {**quirks, **own}


def forget() -> None:
    """Clear the memory, as after a restart."""
    _quirks.clear()
    _unsaved.clear()


def learn(model: str, sent: dict[str, Any], failure: UpstreamError, adapted: set[str]) -> bool:
    """Remember what the error rejects; return whether to retry the request without it.

    `adapted` holds the parameters that were changed already, each of which changes once.
    """
    name = _refused(sent, failure) if failure.status in (400, 422) else None
    name = name or _refused_stream(sent, failure)
    if name is None or _parameter(name) in adapted:
        return False
    adapted.add(_parameter(name))
    if name == "system":
        remember(model, name, "developer" if not settings.OPENAI_BASE_URL else "user")
    elif name in _ALTERNATIVE_NAMES:
        remember(model, "max_tokens", _ALTERNATIVE_NAMES[name])
    else:
        remember(model, name, None)
    return True


def _refused(sent: dict[str, Any], failure: UpstreamError) -> str | None:
    """Return the parameter that the error names as unsupported."""
    body = failure.body
    if "unsupported" not in body.codes and not _REFUSAL.search(body.message):
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


def _refused_stream(sent: dict[str, Any], failure: UpstreamError) -> str | None:
    """Return "stream" if the model, or the account, may not stream."""
    if "stream" not in sent or failure.status not in _STREAM_STATUSES:
        return None
    body = failure.body
    is_named = body.param == "stream" or re.search(r"\bstream(ing)?\b", body.text, re.IGNORECASE)
    return "stream" if is_named and _STREAM_REFUSAL.search(body.text) else None


def _parameter(name: str) -> str:
    return "max_tokens" if name in _ALTERNATIVE_NAMES else name


def key(model: str) -> Key:
    return settings.OPENAI_BASE_URL, model


def _cleaned(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "content": with_text(each["content"], clean_text)} for each in messages]


def _with_role(messages: list[dict[str, Any]], role: Quirk) -> list[dict[str, Any]]:
    """Give the system prompt another role; as "user" it is put before the first question."""
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
