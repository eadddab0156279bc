import json
import ssl
from collections.abc import Iterator, Mapping

from apps.gateway.errors.body import Body
from apps.gateway.errors.classification import kind_of
from apps.gateway.errors.context_size import size_named
from apps.gateway.retry_hints import LONGEST_WAIT, asks_for_retry, retry_after, retry_after_in

_LIMITS = ("rate", "quota")


class GatewayError(Exception):
    """An answer that failed; code is a row of the table of errors, retry_after is in seconds."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class Failure(Exception):
    """What one try has run into, before it is known whether there is another."""

    def __init__(
        self,
        code: str,
        *,
        reason: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        again: bool = False,
        body: Body | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.again = again and (retry_after is None or retry_after <= LONGEST_WAIT)
        self.body = body or Body(None)
        self.request_id = request_id

    @property
    def context_tokens(self) -> int | None:
        """Return how many tokens the model takes, where the service has said so."""
        return size_named(self.body) if self.code == "context" else None


def classify(status: int | None, answer: object, headers: Mapping[str, str]) -> Failure:
    """Return what an error answer, or an error inside a stream, means to us."""
    body = Body(answer)
    if status is None and body.code.isdecimal() and 400 <= int(body.code) <= 599:
        status = int(body.code)
    code = kind_of(status, body)
    seconds = retry_after(headers) or (retry_after_in(body.words) if code in _LIMITS else None)
    if code == "quota" and status in (None, 429) and seconds and "quota" not in body.names:
        code = "rate"  # It will be over in a moment: a limit by the minute, called a quota.
    return Failure(
        code,
        status=status,
        retry_after=seconds,
        again=_is_worth_another(status, code, headers),
        body=body,
        request_id=headers.get("x-request-id", ""),
    )


def _is_worth_another(status: int | None, code: str, headers: Mapping[str, str]) -> bool:
    asked = asks_for_retry(headers)
    if asked is not None:
        return asked
    passes = status in (408, 409, 425, 429) or (status or 0) >= 500
    return passes and code in ("rate", "timeout", "unavailable")


def failure_of(error: BaseException, flooded: bool = False) -> Failure:
    """Tell what an exception of the client library, or of those below it, means to us."""
    import httpx2

    if flooded:
        return Failure("unreadable", reason="more bytes than an answer may have")
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        response = getattr(error, "response", None)
        return classify(status, _answer_of(error), getattr(response, "headers", {}))
    chain = list(_chain(error))
    reason = ": ".join(dict.fromkeys([type(error).__name__, str(chain[-1])]))
    for cause in chain:
        if isinstance(cause, httpx2.PoolTimeout):
            return Failure("unavailable", reason=reason)
        if isinstance(cause, httpx2.TimeoutException) and not isinstance(
            cause, httpx2.ConnectTimeout
        ):
            return Failure("timeout", reason=reason)
        if isinstance(cause, httpx2.TransportError):
            mistrusted = any(isinstance(link, ssl.SSLCertVerificationError) for link in chain)
            return Failure("unreachable", reason=reason, again=not mistrusted)
    return Failure("unreadable", reason=type(error).__name__)  # Its words may hold the prompt.


def _answer_of(error: BaseException) -> object:
    """Return the whole answer: the library keeps only what is below `error` in it."""
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
