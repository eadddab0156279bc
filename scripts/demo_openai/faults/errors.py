"""Faults: an error instead of an answer."""

from __future__ import annotations

from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import (
    HTML,
    SERVER_ERROR,
    Fault,
    bad,
    first_times,
    refuse,
    refuse_model,
)
from scripts.demo_openai.json_bodies import error_body

NGINX = b"<html><head><title>502 Bad Gateway</title></head><body>nginx/1.22.1</body></html>"
HOSTILE = '<img src=x onerror=alert(1)>\x1b[31mred\x1b[0m\r\nERROR forged line\r\n"><script>'


async def quote_key(x: Exchange) -> None:
    message = f"Incorrect API key provided: {x.key}. Find yours in your account."
    x.send(401, error_body(message, "invalid_api_key"))


async def rate_limit(x: Exchange) -> None:
    body = error_body("Rate limit reached.", "rate_limit_exceeded", None, "requests")
    x.send(429, body, retry_after=f"{2 * x.server.scale:g}")


ERRORS: dict[str, Fault] = {
    "401": Fault(
        "401, the key is wrong",
        refuse(401, error_body("Incorrect API key provided: sk-abc***1234.", "invalid_api_key")),
        "any",
    ),
    "401-key": Fault("401 whose message quotes the whole key", quote_key, "any"),
    "403": Fault(
        "403, the key is wrong",
        refuse(403, error_body("You are not allowed to do this.", "permission_denied")),
        "any",
    ),
    "400-key": Fault(
        "400, the key is wrong", bad("API key not valid. Please pass a valid API key.", 400), "any"
    ),
    "404-model": Fault("404, no such model", refuse_model, "any"),
    "404-html": Fault(
        "404 with HTML: the base URL is wrong", refuse(404, HTML, "text/html"), "any"
    ),
    "429": Fault("429, always, Retry-After: 2", rate_limit, "any"),
    "429-once": Fault(
        "429, Retry-After: 2, the first time a request comes", first_times(1, rate_limit), "any"
    ),
    "429-long": Fault(
        "429, Retry-After: 3600",
        refuse(429, error_body("Rate limit.", "rate_limit_exceeded"), retry_after="3600"),
        "any",
    ),
    "429-bare": Fault(
        "429 without Retry-After and without a body that tells anything",
        refuse(429, b"", "text/plain"),
        "any",
    ),
    "quota": Fault(
        "429, insufficient_quota",
        refuse(
            429,
            error_body(
                "You exceeded your current quota.", "insufficient_quota", None, "insufficient_quota"
            ),
        ),
        "any",
    ),
    "policy": Fault(
        "400, content_policy_violation",
        bad("Your request was rejected.", "content_policy_violation"),
        "any",
    ),
    "408": Fault("408", refuse(408, error_body("Request timeout.")), "any"),
    "409": Fault("409", refuse(409, error_body("Conflict.")), "any"),
    "500": Fault("500", refuse(500, SERVER_ERROR), "any"),
    "500-twice": Fault(
        "500 the first two times a request comes", first_times(2, refuse(500, SERVER_ERROR)), "any"
    ),
    "502-html": Fault("502 with the HTML of nginx", refuse(502, NGINX, "text/html"), "any"),
    "503": Fault("503, loading the model", refuse(503, error_body("Loading model", 503)), "any"),
    "529": Fault("529, overloaded", refuse(529, error_body("Overloaded", None)), "any"),
    "error-string": Fault(
        "400 whose error is a string", refuse(400, {"error": "model is not loaded"}), "any"
    ),
    "error-null": Fault("400 whose error is null", refuse(400, {"error": None}), "any"),
    "error-list": Fault("400 whose body is a list", refuse(400, [{"error": {"code": 400}}]), "any"),
    "error-not-json": Fault(
        "400 whose body is no JSON", refuse(400, b"{bad request", "application/json"), "any"
    ),
    "error-detail": Fault(
        "422 with {detail: [...]}",
        refuse(422, {"detail": [{"loc": ["body", "model"], "msg": "field required"}]}),
        "any",
    ),
    "error-number": Fault("400 with a number as the code", bad("Bad request", 20015), "any"),
    "error-no-code": Fault(
        "400 with nothing but a message", refuse(400, {"error": {"message": "No."}}), "any"
    ),
    "error-hostile": Fault(
        "400 with HTML, ANSI colours and line ends in the message and the code",
        bad(HOSTILE, HOSTILE),
        "any",
    ),
}
