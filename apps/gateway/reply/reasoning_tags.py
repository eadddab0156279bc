"""Reasoning tags: all marks between which models write reasoning, in one table.

The sources are vLLM's reasoning parsers and Open WebUI. Models write the tags themselves, so case
does not matter, and any tag may be cut between two pieces of a stream.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

# <think>…</think>; the most common first: DeepSeek, Qwen, GLM, Ring, MiniMax, Hunyuan, ERNIE.
TAGS = (
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reason",
    "reasoning",
    "antthinking",
    "inner_monologue",
    "seed:think",  # Seed-OSS
    "mm:think",  # MiniMax-M3
    "longcat_think",
    "ifm|think",  # K2 Horizon
    "ifm|think_fast",
    "ifm|think_faster",
)
PAIRS = {
    "<|begin_of_thought|>": "<|end_of_thought|>",  # OpenThinker, Sky-T1
    "<|start_thinking|>": "<|end_thinking|>",  # Command A
    "<|inner_prefix|>": "<|inner_suffix|>",  # Apertus
    "<|think:start|>": "<|think:end|>",  # Solar Open
    "<|plamo:begin_think:plamo|>": "<|plamo:end_think:plamo|>",
    "<|open|>think<|sep|>": "<|close|>think<|sep|>",  # Kimi K3
    "[think]": "[/think]",  # Magistral
    "[unused16]": "[unused17]",  # Pangu
    "<unused94>thought\n": "<unused95>",  # MedGemma
    "<unused94>": "<unused95>",
    "<|channel>thought\n": "<channel|>",  # Gemma 4
    "<|channel>thought": "<channel|>",
    "<|channel>": "<channel|>",
    "◁think▷": "◁/think▷",  # Kimi-VL
    "/think\n": "<|im_end|>\n<|im_start|>assistant",  # HyperCLOVA X
}
# Plain words: they count only if both are there.
PLAIN_PAIRS = {
    "here is my thought process:": ("here is my response:", "here's my response:"),  # Granite
    "here's my thought process:": ("here is my response:", "here's my response:"),
    "analysis": ("assistantfinal",),  # Harmony, without its special tokens.
}
# Wrappers of an answer; TAG_WRAPPERS count only after reasoning.
WRAPPERS = {
    "<|begin_of_solution|>": ("<|end_of_solution|>",),
    "<|start_response|>": ("<|end_response|>",),
    "<|start_text|>": ("<|end_text|>",),
    "<|open|>response<|sep|>": (
        "<|close|>response<|sep|><|close|>message<|sep|>",
        "<|close|>response<|sep|>",
    ),
}
TAG_WRAPPERS = {"<answer>": ("</answer>",), "<response>": ("</response>",)}
# Harmony, of gpt-oss: see harmony.py. The beginning of a message, and of its answer where the
# service has dropped the beginning of the reasoning.
HARMONY = ("<|channel|>", "<|start|>", "<|message|>")
HARMONY_ANSWERS = (
    "<|channel|>final<|message|>",
    "<|start|>assistant<|channel|>final<|message|>",
    "<|end|><|start|>assistant<|channel|>final<|message|>",
)

_TAG_NAMES = "|".join(map(re.escape, sorted(TAGS, key=len, reverse=True)))
_TAG_REST = r":[\w.-]{1,40}|\s[^<>\n]{0,80}"  # A namespace suffix, or attributes.
_TAG = re.compile(rf"<({_TAG_NAMES})({_TAG_REST}|/)?>")
_TAG_START = re.compile(rf"<({_TAG_NAMES})({_TAG_REST}|:|/)\Z")
_MAX_OPENING_CHARS = 140
_LOWERCASE = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}

# Closing tags whose opening a service may have dropped, with what that would begin with.
LONE_CLOSINGS = {f"</{name}>": f"<{name}" for name in TAGS}
LONE_CLOSINGS |= {f"</{name} >": f"<{name}" for name in TAGS[:6]}
LONE_CLOSINGS |= {closing: opening for opening, closing in PAIRS.items()}
LONE_CLOSINGS |= dict.fromkeys(HARMONY_ANSWERS, "<|channel|>analysis")


class Opening(NamedTuple):
    """An opening tag at the beginning of a text."""

    kind: str  # "thoughts", "empty", "wrapper", "harmony"; "" for an incomplete tag.
    length: int = 0
    closings: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Return the text in lower case, with its length unchanged."""
    return text.lower() if text.isascii() else text.translate(_LOWERCASE)


def opening_of(text: str, is_all: bool, after_thoughts: bool = False) -> Opening | None:
    """Return the longest opening tag at the beginning of the text; None without one."""
    head = fold(text[:_MAX_OPENING_CHARS])
    known: dict[str, Opening] = _OPENINGS_AFTER if after_thoughts else _OPENINGS
    if not is_all and (
        _TAG_START.match(head) or any(mark.startswith(head) and mark != head for mark in known)
    ):
        return Opening("")
    if (tag := _TAG.match(head)) and tag[0].endswith("/>"):
        return Opening("empty", tag.end())
    if tag:
        suffix = (tag[2] or "") if (tag[2] or "").startswith(":") else ""
        closing = f"</{tag[1]}{suffix}"
        return Opening("thoughts", tag.end(), (f"{closing}>", f"{closing} >"))
    marks = [mark for mark in known if head.startswith(mark)]
    return known[max(marks, key=len)] if marks else None


def find(text: str, marks: Collection[str], is_all: bool) -> tuple[int, int]:
    """Return start and end of the first tag in the text, the longest that begins there.

    Without one both are the length of the text that cannot belong to an incomplete tag.
    """
    low = fold(text)
    starts = [at for mark in marks if (at := low.find(mark)) >= 0]
    if not starts:
        kept = 0 if is_all else _overlap(low, marks)
        return len(text) - kept, len(text) - kept
    start = min(starts)
    rest = low[start:]
    if not is_all and any(mark.startswith(rest) and mark != rest for mark in marks):
        return start, start
    return start, start + max(len(mark) for mark in marks if rest.startswith(mark))


def _overlap(low: str, marks: Collection[str]) -> int:
    """Return the number of characters at the end of the text that may begin a tag."""
    longest = max(map(len, marks)) - 1
    for length in range(min(longest, len(low)), 0, -1):
        end = low[-length:]
        if any(mark.startswith(end) for mark in marks):
            return length
    return 0


def _reasoning_opening(opening: str, closing: str) -> Opening:
    return Opening("thoughts", len(opening), (closing,))


_OPENINGS_AFTER = {f"<{name}>": _reasoning_opening(f"<{name}>", f"</{name}>") for name in TAGS}
_OPENINGS_AFTER |= {mark: _reasoning_opening(mark, closing) for mark, closing in PAIRS.items()}
_OPENINGS_AFTER |= {mark: Opening("harmony") for mark in HARMONY}
_OPENINGS = _OPENINGS_AFTER | {
    mark: Opening("wrapper", len(mark), ends) for mark, ends in WRAPPERS.items()
}
_OPENINGS_AFTER |= {
    mark: Opening("wrapper", len(mark), ends) for mark, ends in (WRAPPERS | TAG_WRAPPERS).items()
}
# Some models close their reasoning twice.
_OPENINGS_AFTER |= {f"</{name}>": Opening("empty", len(name) + 3) for name in TAGS}
