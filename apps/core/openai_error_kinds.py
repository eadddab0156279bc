"""Which kind an error of the AI service is: by its status, its codes and, above all, its words.

The words are those of the services that tests/core/test_openai_errors.py lists. What another model
would mend is `model`, and what was refused for what it says is `policy`, whatever the status.
"""

import re
from dataclasses import dataclass

from .openai_error_body import Body


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    names: re.Pattern[str]  # Looked for in codes and types.
    words: re.Pattern[str]  # Looked for in the message, and in what is below it.


def _kind(code: str, names: tuple[str, ...], words: tuple[str, ...]) -> _Kind:
    return _Kind(code, re.compile("|".join(names)), re.compile("|".join(words), re.I | re.S))


# Checked in this order.
_KINDS = [
    _kind(
        "context",
        (
            r"context_?(length|size|window|limit)",
            r"prompt_too_long",
            r"request_too_large",
            r"input_too_long",
            r"string_above_max_length",
            r"tokens_limit_reached",
        ),
        (
            r"context (length|window|size|limit)",
            r"(input|prompt|request|messages?|conversation)( is| are)? too (long|large)",
            r"tokens?\b.{0,40}exceed\w* (the |its |your )?(\w+ )?limit of \d",
            r"exceed\w* the (context|token limit)\b|longer than the (model's )?context",
            r"too many (input |prompt |total )?tokens( in\b|:)",
            r"request (body )?too large for",
            r"maximum (model|prompt|input|sequence) length",
            r"prompt exceeds max(imum)? length",
            r"maximum number of (input )?tokens allowed",
            r"model token limit",
            r"input length should be",
            r"(inputs?|prompt)\W.{0,60}must (be <=|have less than) ?\d+",
            r"reduce (the length|your (message|prompt|input))",
            r"tokens must be reduced",
        ),
    ),
    _kind(
        "policy",
        (
            r"content_?policy",
            r"content_?filter",
            r"moderation",
            r"responsibleai",
            r"safety",
            r"data_?inspection",
            r"prompt_blocked",
            r"prohibited_content",
            r"invalid_prompt",
            r"guardrail",
            r"sensitive",
            r"flagged",
            r"content_violation",
            r"jailbreak",
        ),
        (
            r"content (management |safety )?polic",
            r"safety (system|filter|setting|polic)",
            r"usage (polic|guideline)",
            r"acceptable use",
            r"\bflagged\b",
            r"requires moderation",
            r"content exists risk",
            r"inappropriate content",
            r"content[ _]filter",
            r"prohibited[ _](content|use)",
            r"considered high risk",
            r"guardrail|jailbreak|prompt injection",
            r"sensitive (content|words|information)",
            r"(violat|against).{0,40}(polic|guideline)",
            r"blocked.{0,40}(safety|content|polic|prohibited)",
            r"(content|by) moderation",
            r"(violat|against).{0,40}terms of (service|use)",
            r"harmful (content|request)",
            r"敏感|不安全|违规",
        ),
    ),
    _kind(  # However it is called, it will be over in a moment.
        "rate",
        (r"per_?(minute|second)",),
        (r"per[ _-]?(min(ute)?|sec(ond)?)\b", r"\b[rt]p[ms]\b", r"call rate limit", r"PerMinute"),
    ),
    _kind(
        "quota",
        (
            r"insufficient_\w*(quota|balance|credit|funds)",
            r"billing",
            r"quota_?exceeded",
            r"payment_required",
            r"exceeded_current_quota",
            r"budget_exceeded",
            r"arrear",
        ),
        (
            r"exceeded your (current|monthly)",
            r"insufficient.{0,20}(balance|credit|funds|quota)",
            r"credit balance",
            r"(out of|more|any|no|remaining|included) credits",
            r"can only afford",
            r"budget has been exceeded",
            r"spend(ing)? (limit|cap)",
            r"usage limit",
            r"balance is (negative|too low|empty|zero)",
            r"key limit exceeded",
            r"in arrears",
            r"payment (required|method)",
            r"billing (hard|limit|is not|account)",
            r"not active, please",
            r"(monthly|daily) (free |usage |token |request )*(limit|quota|allocation)",
            r"quota.{0,30}(exceeded|exhausted)",
            r"per[ _-]day",
            r"\b[rt]pd\b",
            r"PerDay",
            r"recharge|top[ -]up|余额不足|欠费",
        ),
    ),
    _kind(
        "rate",
        (r"rate_?limit", r"too_?many_?requests", r"resource_exhausted", r"throttl"),
        (r"rate limit", r"too many requests", r"throttl", r"concurren\w+ (limit|request)"),
    ),
    _kind(
        "pictures",
        (r"image_not_supported", r"unsupported_image", r"invalid_image", r"image_parse_error"),
        (
            r"image_url",
            r"image input",
            r"input image",
            r"at most 0 image",
            r"mmproj",
            r"not a (vision|multimodal) model",
            r"(failed|unable|not|error).{0,20} (process|download|fetch|decode|parse|load)(ing)?"
            r" (the |an |this |your )?(input )?(image|picture)",
            r"(not|n't|no) (support|accept|take|process)\w* (for )?"
            r"(image|picture|vision|multimodal)",
            r"(invalid|unsupported|corrupt\w*|broken) (image|picture)",
            r"image (exceeds|is too large|data)",
            r"unsupported (content|media|mime) ?type\W+image",
            r"(image|vision)\w* (is|are) not (support|enabled)",
        ),
    ),
    _kind(
        "model",
        (
            r"model_?not_?\w+",
            r"invalid_?model",
            r"unknown_?model",
            r"unsupported_?model",
            r"model\W?_?(decommissioned|deprecated|terms_required|access\w*|permission\w*|retired|gone)",
            r"deployment_?not_?found",
            r"operation_?not_?supported",
        ),
        (
            r"models?\b.{0,120}(not found|not exist|no access|not have (access|permission)"
            r"|no longer|decommissioned|deprecated|retired|(not|n't) (been |currently )?"
            r"(available|supported|loaded|deployed|allowed|enabled|permitted|a chat|recogni[sz]ed)"
            r"|unknown|is invalid|(has been|was) (removed|shut|sunset|disabled)|does not work with"
            r"|requires terms|end of life|only (supports?|available|supported)|must be pulled"
            r"|cannot be used|not accessible|不存在)",
            r"(no such|unknown|not a valid|invalid|unsupported|unrecogni[sz]ed|not a chat) model",
            r"no models? (is |are |provided|specified|loaded)",
            r"pulling it first",
            r"load a model",
            r"(could not|cannot|failed to|error|unable to) load(ing)? (the )?model",
            r"not allowed to access model",
            r"deployment\b.{0,80}not (exist|found)",
            r"(only|not) supported in (the )?v1/",
            r"not (exist|have access).{0,20}\bmodel\b",
            r"no access to (the )?model|access to (the |this )?model.{0,40}denied",
            r"model (is |was )?unloaded|model.{0,40}could not be found",
            r"no (endpoints|healthy|allowed providers)",
            r"no available (channel|model|provider|deployment)",
            r"not support (chat|generate|text generation)\b",
            r"more system memory",
            r"^model: ",
            r"on-demand throughput",
            r"function '.{0,60}not found",
            r"requested entity (was )?not found",
            r"无可用渠道",
            r"模型不存在",
        ),
    ),
    _kind(
        "credentials",
        (r"api_?key", r"authentication", r"unauthori[sz]ed", r"permission_?(denied|error)"),
        (r"api[ _-]key", r"unauthenticated"),
    ),
]
_ALL = {kind.code for kind in _KINDS}

# Which kinds a body may turn a status into, where it is not all of them.
_TURNS: dict[int, set[str]] = {
    401: {"policy", "quota", "model"},
    402: {"policy"},
    404: {"policy", "pictures", "model"},
    405: set(),
    408: set(),
    409: set(),
    413: {"pictures"},
    429: {"context", "policy", "rate", "quota"},
}
_SERVER_TURNS = {"context", "policy", "pictures", "model"}
_STATUSES = {
    400: "rejected",
    401: "credentials",
    402: "quota",
    403: "credentials",
    404: "rejected",  # Nobody is there who would know models: the base URL is wrong.
    408: "timeout",
    409: "unavailable",
    410: "model",
    413: "context",
    425: "unavailable",
    429: "rate",
    451: "policy",
}
_PASSING = re.compile(r"loading|overload|capacity|temporar|try again|\bbusy|currently", re.I)


def kind_of(status: int | None, body: Body) -> str:
    """Return the code of an error answer, or of an error inside a stream, which has no status."""
    names, words = body.names, body.words
    turns = _turns_of(status, words)
    for kind in _KINDS:
        if kind.code in turns and (kind.names.search(names) or kind.words.search(words)):
            return kind.code
    if status is None or status >= 500 or 200 <= status < 300:
        return "unavailable"
    return _STATUSES.get(status, "rejected")


def _turns_of(status: int | None, words: str) -> set[str]:
    if status is None or status < 500:
        return _TURNS.get(status or 0, _ALL)
    return _SERVER_TURNS - {"model"} if _PASSING.search(words) else _SERVER_TURNS
