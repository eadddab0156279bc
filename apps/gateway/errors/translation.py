"""Upstream errors: from responses and exceptions of the client library to our error codes."""

import json
import ssl
from collections.abc import Iterator, Mapping

from apps.gateway.errors.body import ErrorBody
from apps.gateway.errors.classification import error_code
from apps.gateway.errors.context_size import context_tokens_in
from apps.gateway.retry_hints import MAX_WAIT_SECONDS, asks_for_retry, retry_after, retry_after_in

_LIMIT_CODES = ("rate", "quota")


class GatewayError(Exception):
    """A reply that failed: `code` is a row of the table of errors, `retry_after` is in seconds."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class UpstreamError(Exception):
    """The error of one attempt, before it is known whether there will be another."""

    def __init__(
        self,
        code: str,
        *,
        reason: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        is_retryable: bool = False,
        body: ErrorBody | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        is_soon = retry_after is None or retry_after <= MAX_WAIT_SECONDS
        self.is_retryable = is_retryable and is_soon
        self.body = body or ErrorBody(None)
        self.request_id = request_id

    @property
    def context_tokens(self) -> int | None:
        """Return the model's context window in tokens, if the service has named it."""
        return context_tokens_in(self.body) if self.code == "context" else None


def classify(status: int | None, answer: object, headers: Mapping[str, str]) -> UpstreamError:
    """Return the UpstreamError for an error response, or for an error inside a stream."""
    body = ErrorBody(answer)
    if status is None and body.code.isdecimal() and 400 <= int(body.code) <= 599:
        status = int(body.code)
    code = error_code(status, body)
    seconds = retry_after(headers) or (retry_after_in(body.text) if code in _LIMIT_CODES else None)
    if code == "quota" and status in (None, 429) and seconds and "quota" not in body.codes:
        code = "rate"  # A limit per minute, called a quota: it is over in a moment.
    return UpstreamError(
        code,
        status=status,
        retry_after=seconds,
        is_retryable=_is_retryable(status, code, headers),
        body=body,
        request_id=headers.get("x-request-id", ""),
    )


def _is_retryable(status: int | None, code: str, headers: Mapping[str, str]) -> bool:
    asked = asks_for_retry(headers)
    if asked is not None:
        return asked
    passes = status in (408, 409, 425, 429) or (status or 0) >= 500
    return passes and code in ("rate", "timeout", "unavailable")


def from_exception(error: BaseException, flooded: bool = False) -> UpstreamError:
    """Return the UpstreamError for an exception of the client library or of those below it.

    flooded: the response was larger than its limit.
    """
    import httpx2

    if isinstance(error, UpstreamError):
        return error
    if flooded:
        return UpstreamError("unreadable", reason="more bytes than an answer may have")
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        response = getattr(error, "response", None)
        return classify(status, _full_body(error), getattr(response, "headers", {}))
    chain = list(_chain(error))
    reason = ": ".join(dict.fromkeys([type(error).__name__, str(chain[-1])]))
    for cause in chain:
        if isinstance(cause, httpx2.PoolTimeout):
            return UpstreamError("unavailable", reason=reason)
        if isinstance(cause, httpx2.TimeoutException) and not isinstance(
            cause, httpx2.ConnectTimeout
        ):
            return UpstreamError("timeout", reason=reason)
        if isinstance(cause, httpx2.TransportError):
            mistrusted = any(isinstance(link, ssl.SSLCertVerificationError) for link in chain)
            return UpstreamError("unreachable", reason=reason, is_retryable=not mistrusted)
    # By its name alone: its message may hold the prompt.
    return UpstreamError("unreadable", reason=type(error).__name__)


def _full_body(error: BaseException) -> object:
    """Return the whole body: the library keeps only what is below `error` in it."""
    body: object = getattr(error, "body", None)
    try:
        answer: object = json.loads(getattr(error, "response").text)  # noqa: B009
    except (AttributeError, ValueError, RecursionError):
        return body
    return answer


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
