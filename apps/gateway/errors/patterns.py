"""Error patterns: the codes and messages of all AI services, in one table.

Their source are the errors that tests/gateway/test_errors.py lists.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorPattern:
    code: str
    codes: re.Pattern[str]  # Looked for in codes and types.
    text: re.Pattern[str]  # Looked for in the messages.


def _pattern(code: str, codes: tuple[str, ...], text: tuple[str, ...]) -> ErrorPattern:
    return ErrorPattern(code, re.compile("|".join(codes)), re.compile("|".join(text), re.I | re.S))


# Checked in this order.
ERROR_PATTERNS = [
    _pattern(  # It names policies and guardrails, which are the account's and say whom it may ask.
        "model",
        (r"endpoint_?not_?found",),
        (r"no endpoints (found |available )?match",),
    ),
    _pattern(
        "context",
        (
            r"context_?(length|size|window|limit)",
            r"(prompt|input)_too_long|request_too_large",
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
            r"max(imum)? (\w+ )?(model|prompt|input|sequence|token) length",
            r"(input|prompt)( tokens?)? (length|count|size).{0,30}exceed|exceeds max(imum)? length",
            r"exceed\w* (the )?max(imum)? (message|prompt|input|context) tokens",
            r"(payload|body|request|message) size.{0,30}(exceed|too large)",
            r"max_seq_len|long context request",
            r"max_\w*tokens\W.{0,30}got -\d",  # What vLLM has left for an answer.
            r"maximum number of (input )?tokens allowed",
            r"model token limit",
            r"input length should be",
            r"(inputs?|prompt)\W.{0,60}must (be <=|have less than) ?\d+",
            r"reduce (the length|your (message|prompt|input))",
            r"tokens must be reduced",
        ),
    ),
    _pattern(
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
            r"sensitive (content|words|information)|new_sensitive",
            r"(violat|against).{0,40}(polic|guideline)",
            r"blocked.{0,40}(safety|content|polic|prohibited)",
            r"(content|by) moderation",
            r"\bunsafe\b|for safety reasons",
            r"(prompt|response|input|output) (was |is |has been )?blocked",
            r"(violat|against).{0,40}terms of (service|use)",
            r"harmful (content|request)",
            r"敏感|不安全|违规",
        ),
    ),
    _pattern(  # However it is called, it will be over in a moment.
        "rate",
        (r"per_?(minute|second)", r"limit_requests"),
        (
            r"per[ _-]?(min(ute)?|sec(ond)?)\b",
            r"\b([rt]p[ms]|qp[ms])\b",
            r"call rate limit",
            r"PerMinute|per_base_model",
            r"(?<!free )allocated quota exceeded",  # DashScope's, by the minute.
        ),
    ),
    _pattern(
        "quota",
        (
            r"insufficient_\w*(quota|balance|credit|funds)",
            r"billing",
            r"quota_?exceeded",
            r"payment_required",
            r"exceeded_current_quota",
            r"budget_exceeded",
            r"arrear|overdue",
            r"free_?tier_?only",
            r"quota_?(failed|exhausted)",
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
            r"balance is (negative|too low|empty|zero|insufficient|not enough)|overdue balance",
            r"free (tier|quota|allowance)\b.{0,40}(exhausted|exceeded|expired|used up)",
            r"quota is (not enough|insufficient)|out of [\w ]{0,20}quota|exceeded the quota",
            r"max budget",
            r"key limit exceeded",
            r"in arrears",
            r"payment (required|method)",
            r"billing (hard|limit|is not|account)",
            r"not active, please",
            r"(monthly|daily) (free |usage |token |request )*(limit|quota|allocation)",
            r"quota.{0,30}(exceeded|exhausted)",
            r"per[ _-]day|\b[rt]pd\b|PerDay",
            r"recharge|top[ -]up|欠费|(余额|额度).{0,6}(用尽|用完|不足|失败)",
            r"(使用|每日.{0,4})上限",
        ),
    ),
    _pattern(
        "rate",
        (r"rate_?limit", r"too_?many_?requests", r"resource_exhausted", r"throttl"),
        (
            r"rate limit|too many requests|throttl|请求过多|频率|并发",
            r"concurren\w+ (limit|request)",
        ),
    ),
    _pattern(
        "pictures",
        (
            r"(unsupported|invalid|too_many)_images?",
            r"images?_(not|too|parse|size|format|invalid|unsupported)",
        ),
        (
            r"image_url",
            r"image input",
            r"input image",
            r"at most \d+ image|too many (images|pictures)",
            r"mmproj",
            r"not a (vision|multimodal) model|not a VLM",
            r"\.image\.source\b",  # Where Anthropic has found a fault.
            r"images?\b.{0,40}(exceed|(not|in)\W?valid|too (large|big|small))",
            r"embedding from image|vision requests",
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
    _pattern(
        "model",
        (
            r"model_?not_?\w+",
            r"invalid_?model",
            r"unknown_?model",
            r"(unsupported|unavailable)_?model",
            r"model\W?_?(decommissioned|deprecated|terms_required|access\w*|permission\w*|retired|gone)",
            r"deployment_?not_?found",
            r"operation_?not_?supported",
        ),
        (
            r"models?\b.{0,120}(not found|not exist|no access|not have (access|permission)"
            r"|no longer|decommissioned|deprecated|retired|(not|n't) (been |currently )?"
            r"(available|supported|loaded|deployed|allowed|enabled|permitted|a chat|recogni[sz]ed)"
            r"|unknown|is invalid|(has been|was) (removed|shut|sunset|disabled)|does not work with"
            r"|requires (terms|byok|a (paid|sub))|end of (its )?life|must be pulled|crashed"
            r"|only (supports?|available|supported)|cannot be used|not accessible|不存在)",
            r"(no such|unknown|not a valid|(in|un)(valid|supported|recogni[sz]ed|available)"
            r"|not a chat) model",
            r"\bmodel (is |was |has been )?(disabled|blocked|paused)",
            r"model access (is |was |has been )?denied",
            r"(supported|available|permitted|valid) (api )?models?( names)? (are|include)\b",
            r"(not|n't) (find|found|locate) (the |a |any )?(\w+ )?model",
            r"(not|n't) (allowed|authori[sz]ed|permitted|eligible) to .{0,30}\bmodel",
            r"response modalit",
            r"chat template|template not found",
            r"provider not provided",
            r"endpoint with name|given endpoint",
            r"no models? (is |are |provided|specified|loaded)",
            r"pulling it first",
            r"load a model",
            r"(could not|cannot|failed to|error|unable to) load(ing)? (the )?model",
            r"model loading (was |has )?(stopped|failed)",
            r"not allowed to access model",
            r"deployment\b.{0,80}not (exist|found)",
            r"(only|not) supported in (the )?v1/",
            r"(not|n't) (exist|have access).{0,20}\bmodel\b",
            r"no access to (the )?model|access to (the |this )?model.{0,40}denied",
            r"model (is |was )?unloaded|model.{0,40}could not be found",
            r"no (endpoints|healthy|allowed providers)",
            r"no available (channel|model|provider|deployment)",
            r"not support (chat|generate|text generation)\b",
            r"more system memory",
            r"(?m:^model: )",
            r"on-demand throughput",
            r"function '.{0,60}not found|function cannot be invoked",
            r"requested entity (was )?not found",
            r"无可用渠道|模型不存在|无权访问",
        ),
    ),
    _pattern(
        "credentials",
        (
            r"api_?key",
            r"authentication",
            r"unauthori[sz]ed",
            r"permission_?(denied|error)",
            r"(organi[sz]ation|account)_(restricted|disabled|deactivated|suspended)",
        ),
        (
            r"api[ _-]key",
            r"unauth(enticated|ori[sz]ed)",
            r"(access|auth\w*) token\b.{0,20}(invalid|expired)|NoAuth|login fail",
            r"(organi[sz]ation|account|project|team) (has been|is|was) (restricted|disabled"
            r"|deactivated|suspended|banned)",
        ),
    ),
]
