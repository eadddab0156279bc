import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 20.0  # Seconds; a longer Retry-After is told, not waited for.
_LONGEST_TOLD = 7 * 86_400.0  # Seconds; a longer one is a mistake, and might be no valid date.


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
        body: "Body | None" = None,
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


class Body:
    """The error in an upstream's answer: an object, a string, a list, null or HTML."""

    def __init__(self, error: object) -> None:
        fields = error if isinstance(error, dict) else {}
        self.code = _word(fields.get("code"))
        self.type = _word(fields.get("type"))
        self.param = _word(fields.get("param"))
        message = fields.get("message") or fields.get("detail") or fields.get("error")
        self.message = _text(message if fields else error)

    @property
    def names(self) -> str:
        return f"{self.code} {self.type}".lower()


def _word(value: object) -> str:
    return str(value)[:100] if isinstance(value, str | int) else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)[:2000]


# Checked in this order; a name is looked for in code and type, words in the message.
_KINDS: list[tuple[str, str, str]] = [
    (
        "context",
        r"context_length|context_size|context_?window|prompt_too_long",
        r"context (length|window|size)|prompt is too long|input is too long|too many tokens",
    ),
    (
        "policy",
        r"content_?policy|content_filter|moderation|responsibleai|safety",
        r"content (management )?polic|safety system|usage polic",
    ),
    (
        "quota",
        r"insufficient_(quota|balance|credits?|funds)|billing|quota_exceeded|payment_required",
        r"exceeded your current quota|insufficient (balance|credit|funds)|credit balance",
    ),
    ("rate", r"rate_?limit|too_many_requests|resource_exhausted", r"rate limit|too many requests"),
    (
        "credentials",
        r"api_key|authentication|unauthori[sz]ed|permission_(denied|error)",
        r"api[ _-]key",
    ),
    (
        "pictures",
        r"image_not_supported|unsupported_image",
        r"image_url|image input|at most 0 image|not a (vision|multimodal) model"
        r"|(not|n't) (support|accept|take|process) (image|picture|vision|multimodal)",
    ),
    (
        "model",
        r"model_?not_?found|model_not_exist|invalid_model|unknown_model",
        r"model\b.{0,120}(not found|not exist|no access|not have access)"
        r"|(no such|unknown|not a valid|invalid) model",
    ),
]
_STATUSES = {
    400: "rejected",
    401: "credentials",
    402: "quota",
    403: "credentials",
    404: "unavailable",
    408: "timeout",
    409: "unavailable",
    413: "context",
    429: "rate",
}
# Which kinds a body may turn a status into; for all other statuses the status alone decides.
_FINER = {
    None: {"context", "policy", "quota", "rate", "credentials", "model"},
    400: {"context", "policy", "quota", "credentials", "pictures", "model"},
    403: {"policy", "quota", "model"},
    404: {"pictures", "model"},
    422: {"context", "policy", "pictures", "model"},
    429: {"context", "quota"},
    500: {"context", "pictures"},
}


def classify(status: int | None, error: object, headers: Mapping[str, str]) -> Failure:
    """Tell what an error answer, or an error inside a stream, means to us."""
    body = Body(error)
    if status is None and body.code.isdecimal() and 400 <= int(body.code) <= 599:
        status = int(body.code)
    retry_after = _retry_after(headers)
    code = _kind(status, body)
    if code == "quota" and status == 429 and retry_after is not None and "quota" not in body.names:
        code = "rate"  # It will be over in a moment: a limit by the minute, called a quota.
    again = status in (408, 409, 429) or (status or 0) >= 500
    return Failure(
        code,
        status=status,
        retry_after=retry_after,
        again=again and code in ("rate", "timeout", "unavailable"),
        body=body,
        request_id=headers.get("x-request-id", ""),
    )


def _kind(status: int | None, body: Body) -> str:
    finer = _FINER.get(status, set())
    for code, names, words in _KINDS:
        if code in finer and (
            re.search(names, body.names) or re.search(words, body.message, re.IGNORECASE)
        ):
            return code
    if status is None or status >= 500 or status < 400:
        return "unavailable"
    return _STATUSES.get(status, "rejected")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{0,9})?", value):
        return min(float(value), _LONGEST_TOLD)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), _LONGEST_TOLD)


def failure_of(error: BaseException, flooded: bool = False) -> Failure:
    """Tell what an exception of the client library, or of those below it, means to us."""
    import httpx2

    if flooded:
        return Failure("unreadable", reason="more bytes than an answer may have")
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        response = getattr(error, "response", None)
        return classify(status, getattr(error, "body", None), getattr(response, "headers", {}))
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


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
