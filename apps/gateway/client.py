"""OpenAI client: stream replies, list models, make images; the only module that imports openai.

Any server that speaks OpenAI's API serves (`OPENAI_BASE_URL`). Whatever fails is a GatewayError.
"""

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apps.core.text import clean_text
from apps.gateway import images, service_state
from apps.gateway.call import Call, close_all, open_calls
from apps.gateway.errors.translation import GatewayError, UpstreamError, from_exception
from apps.gateway.model_list import ListedModel, read_models
from apps.gateway.redaction import describe, redact
from apps.gateway.reply.content import has_pictures
from apps.gateway.reply.delivery import ReplyCallbacks
from apps.gateway.reply.parser import ReplyParser
from apps.gateway.reply.reasoning import split_reasoning
from apps.gateway.retries import Stream, stream_with_retries
from apps.gateway.types import ChatRequest, Outcome, ReplyPicture, Source, Usage
from apps.server import log_context

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

__all__ = [
    "Call",
    "ChatRequest",
    "GatewayError",
    "ListedModel",
    "Outcome",
    "ReplyPicture",
    "Source",
    "Usage",
    "close_all",
    "complete",
    "edit_image",
    "list_models",
    "make_image",
    "redact",
    "split_reasoning",
    "stream_reply",
    "warm_up",
]

logger = logging.getLogger(__name__)

_UNPACED_CALLS = 15
_MAX_GATHER_SECONDS = 0.4  # Nobody who reads along finds it slow yet.
MODEL_LIST_SECONDS = 10.0
_MODEL_LIST_BYTES = 32_000_000  # Some services describe thousands of models at length.
_client_lock = threading.Lock()


def gather_seconds() -> float:
    """Return the seconds between two reads of a stream; the first read never waits.

    Waking a thread costs more than all that it then does. Beyond a number of open calls each reads
    less often and more at a time, so that the cost of all stays the same.
    """
    stretch = max(1.0, open_calls() / _UNPACED_CALLS)
    return min(settings.CHAT_GATHER_SECONDS * stretch, _MAX_GATHER_SECONDS)


def warm_up() -> None:
    """Import the library and make the client, so that the first reply need not wait for it."""
    client()


def stream_reply(
    request: ChatRequest,
    call: Call,
    deliver: Callable[[str, str], None],
    on_wait: Callable[[float], None] | None = None,
    on_item: Callable[[Source | ReplyPicture], None] | None = None,
    on_recall: Callable[[str], None] | None = None,
) -> Outcome:
    """Stream one reply to deliver(text, reasoning); block until it has ended.

    on_wait(seconds) is called before each retry, on_item(item) once for each source and picture.
    on_recall(reasoning) is called at most once, when all text delivered so far has turned out to
    be reasoning, as given. Raise GatewayError if there is no answer or it is incomplete; what was
    delivered stands. A closed call returns an Outcome without a finish reason.
    """
    callbacks = ReplyCallbacks(on_item or _ignore, on_recall or _ignore)
    silence, most_chars = settings.OPENAI_SILENCE_SECONDS, settings.CHAT_REPLY_MAX_CHARS
    reply = ReplyParser(call, deliver, silence, most_chars, callbacks, request.prefix)
    reply.pace(gather_seconds)
    try:
        client()  # Making it must not use up the upstream's time.
        call.open(settings.OPENAI_TOTAL_SECONDS)
        with _bound(call):
            outcome = stream_with_retries(request, call, reply, _open_stream, on_wait or _ignore)
        service_state.record_answer()
        return outcome
    except UpstreamError as failure:
        if call.closed:
            return Outcome("", reply.usage, reply.refused)
        # Without its cause, which may hold the key.
        raise _logged_error(call, failure, request.messages) from None
    finally:
        call.finish()


def complete(request: ChatRequest, call: Call | None = None) -> tuple[str, Outcome]:
    """Return the text of one reply and its outcome; leave out reasoning, sources and pictures.

    Raise GatewayError, as stream_reply() does.
    """
    texts: list[str] = []
    take, recall = (lambda text, _: texts.append(text)), (lambda _: texts.clear())
    outcome = stream_reply(request, call or Call(), take, on_recall=recall)
    return "".join(texts), outcome


def _ignore(what: object) -> None:
    pass


def list_models() -> list[ListedModel]:
    """Return the models that the upstream lists (GET /models), in its order; raise GatewayError."""
    call = Call()
    with _unstreamed(call, MODEL_LIST_SECONDS, _MODEL_LIST_BYTES):
        listing = client().models.with_raw_response.list(timeout=timeout(MODEL_LIST_SECONDS))
        return read_models(listing.content)


def make_image(prompt: str, *, model: str, size: str, quality: str, call: Call) -> bytes:
    """Return an image made from a prompt, as bytes of PNG, JPEG or WebP; raise GatewayError.

    An empty size or quality is not sent. Never retried: each request costs.
    """
    with _unstreamed(call, settings.IMAGE_TIMEOUT_SECONDS, images.ANSWER_BYTES, prompt):
        drawing = client().images.with_raw_response.generate(
            prompt=clean_text(prompt), **_image_options(model, size, quality)
        )
        return images.picture_in(drawing.content, str(client().base_url), call)


def edit_image(
    picture: bytes, prompt: str, *, model: str, size: str, quality: str, call: Call
) -> bytes:
    """Return the image, edited as the prompt says; see make_image()."""
    kind = images.image_format(picture) or "png"
    with _unstreamed(call, settings.IMAGE_TIMEOUT_SECONDS, images.ANSWER_BYTES, prompt):
        drawing = client().images.with_raw_response.edit(
            image=(f"picture.{kind}", picture, f"image/{kind}"),
            prompt=clean_text(prompt),
            **_image_options(model, size, quality),
        )
        return images.picture_in(drawing.content, str(client().base_url), call)


def _image_options(model: str, size: str, quality: str) -> dict[str, Any]:
    options = {"model": model, "size": size, "quality": quality}
    wanted: dict[str, Any] = {name: value for name, value in options.items() if value}
    return {**wanted, "timeout": timeout(settings.IMAGE_TIMEOUT_SECONDS)}


def _open_stream(parameters: dict[str, Any]) -> Stream:
    completions = client().chat.completions.with_streaming_response
    return completions.create(
        model=parameters["model"],
        # The library looks for what it could convert in each message, for a millisecond and more;
        # what extra_body holds is sent as it is.
        messages=[],
        extra_body=parameters,
        timeout=timeout(settings.OPENAI_TOTAL_SECONDS),
    )


def _logged_error(call: Call, failure: UpstreamError, sent: list[dict[str, Any]]) -> GatewayError:
    """Log the error, once, and return it as other modules know it."""
    with log_context.bound(call=call.id):
        logger.warning("%s: %s", failure.code, describe(failure, sent))
    service_state.record_failure(failure.code)
    code = failure.code
    is_refused = code == "rejected" and failure.status in (400, 422)
    if is_refused and any(has_pictures(message["content"]) for message in sent):
        code = "pictures"  # Some do not say what they refuse; it is nearly always these.
    return GatewayError(code, failure.retry_after)


@contextmanager
def _unstreamed(call: Call, seconds: float, most_bytes: int, prompt: str = "") -> Iterator[None]:
    """Run one call that is not a stream, within its limits; raise GatewayError for any error."""
    try:
        client()
        call.open(seconds)
        call.bytes_left = most_bytes
        with _bound(call):
            yield
        service_state.record_answer()
    except Exception as error:
        failure = from_exception(error, call.bytes_left < 0)
        if call.over:
            failure = UpstreamError("cut" if call.closed else "timeout", reason="cancelled")
        raise _logged_error(call, failure, [{"content": prompt}]) from None
    finally:
        call.finish()


def timeout(seconds: float) -> "httpx2.Timeout":
    """Return the library's timeouts: a fallback behind the deadlines of the call."""
    import httpx2

    return httpx2.Timeout(seconds, connect=settings.OPENAI_CONNECT_SECONDS, write=30, pool=5)


def client() -> "OpenAI":
    """Return the shared client for the base URL and the key of the settings.

    Raise UpstreamError for a key that no header can carry.
    """
    key = settings.OPENAI_API_KEY.strip() or "none"  # Servers without keys take any.
    if not (key.isascii() and key.isprintable()):
        raise UpstreamError("credentials", reason="the key holds characters that no key has")
    with _client_lock:
        return _client(settings.OPENAI_BASE_URL, key)


@functools.lru_cache(maxsize=8)
def _client(base_url: str, key: str) -> "OpenAI":
    import httpx2
    from openai import OpenAI

    from apps.gateway.transport.http import Transport

    return OpenAI(
        api_key=key,
        base_url=base_url or None,
        max_retries=0,
        default_headers={"Accept-Encoding": "identity"},  # Compressors hold pieces back.
        http_client=httpx2.Client(transport=Transport(), trust_env=False, follow_redirects=False),
    )


@contextmanager
def _bound(call: Call) -> Iterator[None]:
    from apps.gateway.transport.network import bind_call

    with bind_call(call), log_context.bound(call=call.id):
        yield
