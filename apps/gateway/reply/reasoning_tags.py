"""The marks between which models write their thoughts: one table, for whatever reads their words.

The forms are those that vLLM's reasoning parsers and Open WebUI know. Models write them themselves,
so case does not matter, and any of them may be cut between two pieces of a stream.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

# <think>…</think>; the first is that of most: DeepSeek, Qwen, GLM, Ring, MiniMax, Hunyuan, ERNIE.
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
# Plain words: they count only where both are there.
WORDS = {
    "here is my thought process:": ("here is my response:", "here's my response:"),  # Granite
    "here's my thought process:": ("here is my response:", "here's my response:"),
    "analysis": ("assistantfinal",),  # Harmony whose tokens were dropped on the way.
}
# What a model wraps its answer into; the tags count only after thoughts.
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
# Harmony, of gpt-oss: see openai_harmony.py. What begins a message, and what begins its answer
# where the service has kept the beginning of the thoughts for itself.
HARMONY = ("<|channel|>", "<|start|>", "<|message|>")
HARMONY_ANSWERS = (
    "<|channel|>final<|message|>",
    "<|start|>assistant<|channel|>final<|message|>",
    "<|end|><|start|>assistant<|channel|>final<|message|>",
)

_NAMES = "|".join(map(re.escape, sorted(TAGS, key=len, reverse=True)))
_MORE = r":[\w.-]{1,40}|\s[^<>\n]{0,80}"  # A suffix of the name, or attributes.
_TAG = re.compile(rf"<({_NAMES})({_MORE}|/)?>")
_TAG_BEGUN = re.compile(rf"<({_NAMES})({_MORE}|:|/)\Z")
_LONGEST = 140  # Characters of an opening.
_CAPITALS = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}

# What may close thoughts whose beginning never came, and by what their beginning is known.
LONE = {f"</{name}>": f"<{name}" for name in TAGS}
LONE |= {f"</{name} >": f"<{name}" for name in TAGS[:6]}
LONE |= {closing: opening for opening, closing in PAIRS.items()}
LONE |= dict.fromkeys(HARMONY_ANSWERS, "<|channel|>analysis")


class Opening(NamedTuple):
    """A mark at the beginning of a text."""

    kind: str  # "thoughts", "empty", "wrapper", "harmony"; "" while it may yet become one.
    length: int = 0
    closings: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Return the text in small letters, each in its place: none becomes two."""
    return text.lower() if text.isascii() else text.translate(_CAPITALS)


def opening_of(text: str, is_all: bool, after_thoughts: bool = False) -> Opening | None:
    """Return the mark at the beginning of the text, the longest that it can be, if there is one."""
    head = fold(text[:_LONGEST])
    known: dict[str, Opening] = _OPENINGS_AFTER if after_thoughts else _OPENINGS
    if not is_all and (
        _TAG_BEGUN.match(head) or any(mark.startswith(head) and mark != head for mark in known)
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
    """Return start and end of the first mark in the text, the longest that begins there.

    Without one the two are the same: from there on the text may be the beginning of a mark.
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
    """Count the characters at the end of the text that may begin a mark."""
    longest = max(map(len, marks)) - 1
    for length in range(min(longest, len(low)), 0, -1):
        end = low[-length:]
        if any(mark.startswith(end) for mark in marks):
            return length
    return 0


def _thoughts(opening: str, closing: str) -> Opening:
    return Opening("thoughts", len(opening), (closing,))


_OPENINGS_AFTER = {f"<{name}>": _thoughts(f"<{name}>", f"</{name}>") for name in TAGS}
_OPENINGS_AFTER |= {mark: _thoughts(mark, closing) for mark, closing in PAIRS.items()}
_OPENINGS_AFTER |= {mark: Opening("harmony") for mark in HARMONY}
_OPENINGS = _OPENINGS_AFTER | {
    mark: Opening("wrapper", len(mark), ends) for mark, ends in WRAPPERS.items()
}
_OPENINGS_AFTER |= {
    mark: Opening("wrapper", len(mark), ends) for mark, ends in (WRAPPERS | TAG_WRAPPERS).items()
}
# Some close their thoughts twice.
_OPENINGS_AFTER |= {f"</{name}>": Opening("empty", len(name) + 3) for name in TAGS}
