"""Context window: the number of tokens that an error message names as the model's limit."""

import re

from apps.gateway.errors.body import ErrorBody

_SMALLEST, _LARGEST = 100, 100_000_000  # Tokens; another number means something else.
_N = r"(\d[\d,._]*\d)"
_PATTERNS = [
    re.compile(pattern, re.I | re.S)
    for pattern in (
        rf"\d+ ?\+ ?\d+ > {_N}",  # Anthropic, with the reply
        rf"\d+ tokens > {_N}",  # and without it.
        rf"context[ _](?:length|size|window|limit)(?:(?!exceed)\D){{0,40}}{_N}",
        rf"n_ctx\D{{0,10}}{_N}",
        rf"{_N} maximum context length",
        rf"max(?:imum)? (?:\w+ )?(?:model|prompt|input|sequence|token) length\D{{0,20}}{_N}",
        rf"(?:max_seq_len|exceeds the maximum length)\D{{0,10}}{_N}",
        rf"tokens allowed\D{{0,10}}{_N}",
        rf"must (?:be <=|have less than) ?{_N}",
        rf"cannot exceed {_N}",
        rf"max size: ?{_N}",
        rf"(?:token limit|limit is|limit):? {_N}",
        rf"should be \[\d+, ?{_N}\]",
    )
]


def context_tokens_in(body: ErrorBody) -> int | None:
    """Return the size of the model's context window in tokens, if the error names it."""
    numbers = [body.context_tokens] if body.context_tokens else []
    for pattern in _PATTERNS:
        numbers += [int(re.sub(r"\D", "", found)) for found in pattern.findall(body.text)]
    return next((number for number in numbers if _SMALLEST <= number <= _LARGEST), None)
