import json
import logging
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from django.conf import settings

from apps.gateway import model_quirks as quirks
from apps.gateway.call import Call
from apps.gateway.errors.inband import error_in
from apps.gateway.errors.translation import Failure, classify, failure_of
from apps.gateway.reply.normalize import unwrapped
from apps.gateway.reply.parser import Reply
from apps.gateway.types import ChatRequest, Outcome

logger = logging.getLogger(__name__)

_ERROR_BYTES = 1_000_000  # What an answer may have before it turns out to be a good one.
_WHOLE_BYTES = 16_000_000  # What one that is no stream may have, pictures and all.
_COMMENTS = re.compile(rb"^:.*$", re.MULTILINE)
_ANY_BYTES = 1 << 60  # A stream is measured in characters.


class Response(Protocol):
    """An answer that has begun."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def read(self) -> bytes: ...

    def iter_bytes(self) -> Iterator[bytes]: ...


Stream = AbstractContextManager[Response]


def answer(
    request: ChatRequest,
    call: Call,
    reply: Reply,
    open_stream: Callable[[dict[str, Any]], Stream],
    on_wait: Callable[[float], None],
) -> Outcome:
    """Try until the answer has come whole, or raise Failure; never again once some of it came."""
    waits = list(settings.OPENAI_RETRY_SECONDS)
    adapted: set[str] = set()
    while True:
        parameters = quirks.parameters(request)
        try:
            return _try_once(call, reply, partial(open_stream, parameters))
        except Failure as failure:
            if tokens := failure.context_tokens:
                quirks.note(request.model, "context_tokens", tokens)
            if reply.events or call.over:
                raise
            if quirks.learn(request.model, parameters, failure, adapted):
                continue
            if not failure.again or not waits:
                raise
            seconds = _seconds_to_wait(failure, waits.pop(0))
            logger.info("Trying again in %.1f s: %s", seconds, failure.code)
        on_wait(seconds)
        call.extend(seconds + 1)
        call.wait(seconds)


def _seconds_to_wait(failure: Failure, seconds: float) -> float:
    if failure.retry_after is not None:
        return failure.retry_after * random.uniform(1.0, 1.1)  # noqa: S311
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311


def _try_once(call: Call, reply: Reply, open_stream: Callable[[], Stream]) -> Outcome:
    call.extend(settings.OPENAI_FIRST_BYTE_SECONDS)
    call.bytes_left = _ERROR_BYTES
    if not call.over:
        _receive(call, reply, open_stream)
    if reply.has_end or not call.over:
        return reply.outcome()
    if call.closed:
        return Outcome("", reply.usage, reply.refused)
    raise Failure("cut" if reply.arrived else "timeout", reason="a limit was passed")


def _receive(call: Call, reply: Reply, open_stream: Callable[[], Stream]) -> None:
    try:
        with open_stream() as response:
            _read(response, call, reply)
    except Failure:
        raise
    except Exception as error:
        if error is reply.delivery_error:
            raise
        _end_early(error, call, reply)
    finally:
        call.before_read = call.gather = call.patience = None


def _read(response: Response, call: Call, reply: Reply) -> None:
    kind = response.headers.get("content-type", "")
    if "json" in kind:
        call.bytes_left = _WHOLE_BYTES
        _read_whole(response.read(), response, reply)
        return
    call.bytes_left = _ANY_BYTES
    call.before_read = reply.hand_over
    is_silent = kind.startswith("text/event-stream")
    for chunk in response.iter_bytes():
        is_silent = is_silent and not _COMMENTS.sub(b"", chunk).strip()
        reply.chunks.append(chunk)
    reply.end()
    if is_silent and not call.over:  # So llama.cpp says that a conversation is too long.
        raise Failure("context", reason="a stream without any event")


def _read_whole(body: bytes, response: Response, reply: Reply) -> None:
    """Take an answer that is no stream, or raise Failure if it is an error with a good status."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    answer = unwrapped(answer) if isinstance(answer, dict) else answer
    if error := error_in(answer, is_body=True):
        raise classify(None, error, response.headers)
    reply.take_whole(body)


def _end_early(error: Exception, call: Call, reply: Reply) -> None:
    """Keep what had arrived before the error; raise Failure unless the answer is complete."""
    if call.before_read is None:  # It was no stream yet.
        if not call.over:
            raise failure_of(error, call.bytes_left < 0) from error
        return
    reply.end()
    if not (reply.has_end or call.over):
        code = "cut" if reply.arrived else "unavailable"
        raise Failure(code, reason=type(error).__name__) from error
