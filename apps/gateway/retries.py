"""Retries: repeat a streaming request after errors that pass, until some of its reply has come."""

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
from apps.gateway.errors.translation import UpstreamError, classify, from_exception
from apps.gateway.reply.normalize import unwrap
from apps.gateway.reply.parser import ReplyParser
from apps.gateway.types import ChatRequest, Outcome

logger = logging.getLogger(__name__)

_ERROR_BYTES = 1_000_000  # Of a response that may yet be an error.
_JSON_BYTES = 16_000_000  # Of a reply that is not streamed, pictures included.
_COMMENTS = re.compile(rb"^:.*$", re.MULTILINE)
_UNLIMITED_BYTES = 1 << 60  # A stream's limit is in characters.


class Response(Protocol):
    """A response whose headers have arrived."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def read(self) -> bytes: ...

    def iter_bytes(self) -> Iterator[bytes]: ...


Stream = AbstractContextManager[Response]


def stream_with_retries(
    request: ChatRequest,
    call: Call,
    reply: ReplyParser,
    open_stream: Callable[[dict[str, Any]], Stream],
    on_wait: Callable[[float], None],
) -> Outcome:
    """Stream the reply, and retry until it is complete; raise UpstreamError.

    Retry neither a request of which some of the reply has come, nor a closed call.
    """
    waits = list(settings.OPENAI_RETRY_SECONDS)
    adapted: set[str] = set()
    while True:
        parameters = quirks.parameters(request)
        try:
            return _try_once(call, reply, partial(open_stream, parameters))
        except UpstreamError as failure:
            if tokens := failure.context_tokens:
                quirks.remember(request.model, "context_tokens", tokens)
            if reply.events or call.over:
                raise
            if quirks.learn(request.model, parameters, failure, adapted):
                continue
            if not failure.is_retryable or not waits:
                raise
            seconds = _seconds_to_wait(failure, waits.pop(0))
            logger.info("Trying again in %.1f s: %s", seconds, failure.code)
        on_wait(seconds)
        call.extend(seconds + 1)
        call.wait(seconds)


def _seconds_to_wait(failure: UpstreamError, seconds: float) -> float:
    if failure.retry_after is not None:
        return failure.retry_after * random.uniform(1.0, 1.1)  # noqa: S311
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311


def _try_once(call: Call, reply: ReplyParser, open_stream: Callable[[], Stream]) -> Outcome:
    call.extend(settings.OPENAI_FIRST_BYTE_SECONDS)
    call.bytes_left = _ERROR_BYTES
    if not call.over:
        _receive(call, reply, open_stream)
    if reply.has_end or not call.over:
        return reply.outcome()
    if call.closed:
        return Outcome("", reply.usage, reply.refused)
    raise UpstreamError("cut" if reply.arrived else "timeout", reason="a limit was passed")


def _receive(call: Call, reply: ReplyParser, open_stream: Callable[[], Stream]) -> None:
    try:
        with open_stream() as response:
            _read(response, call, reply)
    except UpstreamError:
        raise
    except Exception as error:
        if error is reply.delivery_error:
            raise
        _handle_broken_stream(error, call, reply)
    finally:
        call.before_read = call.gather = call.read_timeout = None


def _read(response: Response, call: Call, reply: ReplyParser) -> None:
    kind = response.headers.get("content-type", "")
    if "json" in kind:
        call.bytes_left = _JSON_BYTES
        _read_json(response.read(), response, reply)
        return
    call.bytes_left = _UNLIMITED_BYTES
    call.before_read = reply.deliver_pending
    is_silent = kind.startswith("text/event-stream")
    for chunk in response.iter_bytes():
        is_silent = is_silent and not _COMMENTS.sub(b"", chunk).strip()
        reply.chunks.append(chunk)
    reply.end()
    if is_silent and not call.over:  # llama.cpp's answer to too long a conversation.
        raise UpstreamError("context", reason="a stream without any event")


def _read_json(body: bytes, response: Response, reply: ReplyParser) -> None:
    """Parse a reply that is not streamed; raise UpstreamError for an error with status 200."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        whole = None
    whole = unwrap(whole) if isinstance(whole, dict) else whole
    if error := error_in(whole, is_body=True):
        raise classify(None, error, response.headers)
    reply.take_json(body)


def _handle_broken_stream(error: Exception, call: Call, reply: ReplyParser) -> None:
    """Deliver what arrived before the error; raise UpstreamError unless the reply is complete."""
    if call.before_read is None:  # The stream had not begun.
        if not call.over:
            raise from_exception(error, call.bytes_left < 0) from error
        return
    reply.end()
    if not (reply.has_end or call.over):
        code = "cut" if reply.arrived else "unavailable"
        raise UpstreamError(code, reason=type(error).__name__) from error
