"""Talk to OpenAI, or to a server that speaks its API: the only import of openai."""

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
from apps.gateway.errors.translation import Failure, GatewayError, failure_of
from apps.gateway.model_list import ListedModel, read_models
from apps.gateway.redaction import describe, masked
from apps.gateway.reply.content import has_pictures
from apps.gateway.reply.delivery import Receiver
from apps.gateway.reply.parser import Reply
from apps.gateway.reply.reasoning import split_thoughts
from apps.gateway.retries import Stream, answer
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
    "masked",
    "split_thoughts",
    "stream_reply",
    "warm_up",
]

logger = logging.getLogger(__name__)

_CALLS_AT_EASE = 15
_LONGEST_GATHERING = 0.4  # Seconds; a reader does not yet find it slow.
LISTING_SECONDS = 10.0
_LISTING_BYTES = 32_000_000  # Some tell a lot about each of thousands.
_making = threading.Lock()


def gather_seconds() -> float:
    """Return how long pieces are gathered; the first piece never waits.

    To wake a thread costs more than all that it then does. Beyond a number of calls that read at
    once, each reads less often and takes more at a time, so that the cost of all stays the same.
    """
    stretch = max(1.0, open_calls() / _CALLS_AT_EASE)
    return min(settings.CHAT_GATHER_SECONDS * stretch, _LONGEST_GATHERING)


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

    on_wait is told the seconds before each retry. on_item gets each source and each picture once.
    on_recall is called, at most once, when all text delivered so far turns out to be the reasoning
    that it is given. Raise GatewayError if there is no answer or it is incomplete; what was
    delivered stands. A closed call ends quietly.
    """
    receiver = Receiver(on_item or _ignore, on_recall or _ignore)
    silence, most_chars = settings.OPENAI_SILENCE_SECONDS, settings.CHAT_REPLY_MAX_CHARS
    reply = Reply(call, deliver, silence, most_chars, receiver, request.begun)
    reply.pace(gather_seconds)
    try:
        client()  # To make it is no part of the time that the upstream has.
        call.open(settings.OPENAI_TOTAL_SECONDS)
        with _carried(call):
            outcome = answer(request, call, reply, _open_stream, on_wait or _ignore)
        service_state.note_answer()
        return outcome
    except Failure as failure:
        if call.closed:
            return Outcome("", reply.usage, reply.refused)
        raise _told(call, failure, request.messages) from None  # The cause may hold the key.
    finally:
        call.finish()


def complete(request: ChatRequest, call: Call | None = None) -> tuple[str, Outcome]:
    """Return one reply whole, without its thoughts, sources and pictures."""
    texts: list[str] = []
    take, recall = (lambda text, _: texts.append(text)), (lambda _: texts.clear())
    outcome = stream_reply(request, call or Call(), take, on_recall=recall)
    return "".join(texts), outcome


def _ignore(what: object) -> None:
    pass


def list_models() -> list[ListedModel]:
    """Return the models that the upstream lists, in its order."""
    call = Call()
    with _single(call, LISTING_SECONDS, _LISTING_BYTES):
        listing = client().models.with_raw_response.list(timeout=timeout(LISTING_SECONDS))
        return read_models(listing.content)


def make_image(prompt: str, *, model: str, size: str, quality: str, call: Call) -> bytes:
    """Return a picture made from words, as PNG, JPEG or WebP; never tried twice, it costs."""
    with _single(call, settings.IMAGE_TIMEOUT_SECONDS, images.ANSWER_BYTES, prompt):
        drawing = client().images.with_raw_response.generate(
            prompt=clean_text(prompt), **_drawing_options(model, size, quality)
        )
        return images.picture_in(drawing.content, str(client().base_url), call)


def edit_image(
    picture: bytes, prompt: str, *, model: str, size: str, quality: str, call: Call
) -> bytes:
    """Return the picture changed as the words say; see make_image()."""
    kind = images.kind_of(picture) or "png"
    with _single(call, settings.IMAGE_TIMEOUT_SECONDS, images.ANSWER_BYTES, prompt):
        drawing = client().images.with_raw_response.edit(
            image=(f"picture.{kind}", picture, f"image/{kind}"),
            prompt=clean_text(prompt),
            **_drawing_options(model, size, quality),
        )
        return images.picture_in(drawing.content, str(client().base_url), call)


def _drawing_options(model: str, size: str, quality: str) -> dict[str, Any]:
    options = {"model": model, "size": size, "quality": quality}
    wanted: dict[str, Any] = {name: value for name, value in options.items() if value}
    return {**wanted, "timeout": timeout(settings.IMAGE_TIMEOUT_SECONDS)}


def _open_stream(parameters: dict[str, Any]) -> Stream:
    completions = client().chat.completions.with_streaming_response
    return completions.create(
        model=parameters["model"],
        # The library looks at each message for what it could convert, for a millisecond and more;
        # what is in the body already goes as it is.
        messages=[],
        extra_body=parameters,
        timeout=timeout(settings.OPENAI_TOTAL_SECONDS),
    )


def _told(call: Call, failure: Failure, sent: list[dict[str, Any]]) -> GatewayError:
    """Log the failure, once, and return it as other modules know it."""
    with log_context.bound(call=call.id):
        logger.warning("%s: %s", failure.code, describe(failure, sent))
    service_state.note_failure(failure.code)
    code = failure.code
    is_refused = code == "rejected" and failure.status in (400, 422)
    if is_refused and any(has_pictures(message["content"]) for message in sent):
        code = "pictures"  # Not all say what they refuse; it is nearly always these.
    return GatewayError(code, failure.retry_after)


@contextmanager
def _single(call: Call, seconds: float, most_bytes: int, prompt: str = "") -> Iterator[None]:
    """Run one call that is no stream, within its limits; raise GatewayError for what it meets."""
    try:
        client()
        call.open(seconds)
        call.bytes_left = most_bytes
        with _carried(call):
            yield
        service_state.note_answer()
    except Exception as error:
        failure = error if isinstance(error, Failure) else failure_of(error, call.bytes_left < 0)
        if call.over:
            failure = Failure("cut" if call.closed else "timeout", reason="hung up")
        raise _told(call, failure, [{"content": prompt}]) from None
    finally:
        call.finish()


def timeout(seconds: float) -> "httpx2.Timeout":
    """Return the library's timeouts: a second net, below the deadlines of the call."""
    import httpx2

    return httpx2.Timeout(seconds, connect=settings.OPENAI_CONNECT_SECONDS, write=30, pool=5)


def client() -> "OpenAI":
    """Return the shared client for the server and the key of the settings."""
    key = settings.OPENAI_API_KEY.strip() or "none"  # Servers without keys take any.
    if not (key.isascii() and key.isprintable()):
        raise Failure("credentials", reason="the key holds characters that no key has")
    with _making:
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
def _carried(call: Call) -> Iterator[None]:
    from apps.gateway.transport.network import carried

    with carried(call), log_context.bound(call=call.id):
        yield
