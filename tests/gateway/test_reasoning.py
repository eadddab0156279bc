"""Thoughts left in an answer: every pair of marks, cut anywhere; and answers about marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text import Trimmer
from apps.gateway.reply.reasoning import ReasoningSplitter, split_reasoning
from apps.gateway.reply.reasoning_tags import LONE_CLOSINGS, PAIRS, TAGS
from tests.gateway.test_fuzz import cut, places

pytestmark = [pytest.mark.any_engine, pytest.mark.row("O-132")]

HMM, ANSWER = "Hmm.", "The answer is 42."
HARMONY = "<|channel|>analysis<|message|>Hmm.<|end|><|start|>assistant<|channel|>final<|message|>"

SPLIT = [
    *[(f"<{name}>{HMM}</{name}>\n\n{ANSWER}", ANSWER, HMM) for name in TAGS],
    *[(f"{opening}{HMM}{closing}{ANSWER}", ANSWER, HMM) for opening, closing in PAIRS.items()],
    *[(f"{HMM}\n{closing}\n\n{ANSWER}", ANSWER, HMM) for closing in LONE_CLOSINGS],
    (f"\n <THINK>\n{HMM}\n</Think>\n{ANSWER}", ANSWER, HMM),
    (f'<think time="3">{HMM}</think>{ANSWER}', ANSWER, HMM),
    (f"<think:fast>{HMM}</think:fast>{ANSWER}", ANSWER, HMM),
    (f"<think>a</think>\n<think>b</think>{ANSWER}", ANSWER, "a\n\nb"),
    (f"<think>\n\n</think>\n\n{ANSWER}", ANSWER, ""),
    (f"<think></think>{ANSWER}", ANSWER, ""),
    (f"<think>{HMM}", "", HMM),
    (f"\ufeff<think>{HMM}</think>{ANSWER}", ANSWER, HMM),
    (f"\u200b\n<think>{HMM}</think>{ANSWER}", ANSWER, HMM),
    (f"<think >{HMM}</think >{ANSWER}", ANSWER, HMM),
    (f"{HMM}\n</think >\n\n{ANSWER}", ANSWER, HMM),
    (f"<think/>{ANSWER}", ANSWER, ""),
    (f"<think />\n{ANSWER}", ANSWER, ""),
    (f"<think>{HMM}</think></think>{ANSWER}", ANSWER, HMM),
    (f"<think>{HMM}</think>\n\n</think>\n{ANSWER}", ANSWER, HMM),
    (f"<think>\n<think>\n{HMM}\n</think>\n{ANSWER}", ANSWER, HMM),
    (f"<think><think>{HMM}</think></think>{ANSWER}", ANSWER, HMM),
    (f"<think>One <think>two.</think> {HMM}</think>{ANSWER}", ANSWER, f"One <think>two.{HMM}"),
    (f"<think>It ends with `</think>`, so. {HMM}\n</think>\n{ANSWER}", ANSWER,
     f"It ends with ``, so. {HMM}"),
    (f"<think>About the </think> tag. {HMM}\n</think>\n{ANSWER}", ANSWER,
     f"About the tag. {HMM}"),
    (f"<think>{HMM}</think>The tag\n\n</think>\n\nends it.", "The tag\n\n</think>\n\nends it.",
     HMM),
    (f"<think>{HMM}</think><", "<", HMM),
    (f"<think>`</think>` {HMM}</think>{ANSWER}", ANSWER, f"`` {HMM}"),
    (f"{HMM}<|end|>\n<|start|>assistant<|channel|>final<|message|>{ANSWER}", ANSWER, HMM),
    (f"{HMM}</think>**{ANSWER}**", f"**{ANSWER}**", HMM),
    (f"{HMM}</think>{ANSWER}", ANSWER, HMM),
    (f"{HMM} </think> {ANSWER}", ANSWER, HMM),
    (f"Hmm</think>{ANSWER}", ANSWER, "Hmm"),
    (f"{HMM}\n</think>", "", HMM),
    (f"{HMM}\n</think>\n\nIt is </think>.", "It is </think>.", HMM),
    (f"`</think>` comes soon.\n</think>\n{ANSWER}", ANSWER, "`</think>` comes soon."),
    (f"{HARMONY}{ANSWER}", ANSWER, HMM),
    (f"<|start|>assistant{HARMONY}{ANSWER}<|return|>", ANSWER, HMM),
    (f"{HMM}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}", ANSWER, HMM),
    (f"<|channel|>final<|message|>{ANSWER}<|return|>", ANSWER, ""),
    ("<|channel|>commentary to=functions.rm <|constrain|>json<|message|>{}<|call|>", "", "{}"),
    (
        f"<|start|>assistant to=self<|message|>{HMM}<|eom|><|start|>assistant to=user<|message|>"
        f"{ANSWER}<|eot|>",
        ANSWER,
        HMM,
    ),
    (f"analysisHmm.assistantfinal{ANSWER}", ANSWER, HMM),
    (f"Here's my thought process: {HMM}\nHere is my response: {ANSWER}", ANSWER, HMM),
    (f"<think>\n{HMM}\n</think>\n<answer>\n{ANSWER}\n</answer>\n", ANSWER, HMM),
    (f"<think>{HMM}</think><response>{ANSWER}</response>", ANSWER, HMM),
    (f"<|START_THINKING|>{HMM}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
     ANSWER, HMM),
    (f"<|begin_of_solution|>{ANSWER}<|end_of_solution|>", ANSWER, ""),
]  # fmt: skip

ABOUT_MARKS = [
    "The tag </think> ends the thoughts.",
    "It ends with `</think>`.",
    "Like this:\n\n```\n</think>\n```\n\nSee?",
    "~~~xml\nHmm.\n</think>\n~~~",
    "- </think>\n- <think>",
    "Use *</think>* there.",
    "Use **</think>** there.",
    "The mark is: </think>",
    'She wrote "</think>" and left.',
    "Write <think>Hmm.</think> first.",
    "a <think>b</think>",
    "Example:\n\n    </think>\n",
    "<thinker>x</thinker>",
    "<thi",
    " x",
    "\n\nx ",
    "Here is my thought process: first this, then that.",
    "analysis of the data",
    "Here is my response: yes",
    "<answer>42</answer>",
    "[THINKING] aloud",
    "",
]


def split(pieces):
    """Return text and reasoning of the pieces, as whoever they are delivered to has them."""
    splitter, trimmer = ReasoningSplitter(), Trimmer()
    text, reasoning = "", ""
    for got in [*map(splitter.feed, pieces), splitter.flush()]:
        text = got.text if got.recalls else text + got.text
        reasoning += trimmer.feed(got.reasoning)
    return text, reasoning


@pytest.mark.parametrize(("said", "text", "reasoning"), SPLIT)
def test_thoughts_are_told_from_the_answer_however_they_are_cut(said, text, reasoning):
    assert split_reasoning(said) == (text, reasoning)
    for size in (1, 2, 3, 5, 8, 13):
        assert split(cut(said, range(0, len(said), size))) == (text, reasoning)


@pytest.mark.parametrize("said", ABOUT_MARKS)
def test_an_answer_about_marks_keeps_them(said):
    assert split_reasoning(said) == (said, "")
    assert split(said) == (said, "")


MARKS = [
    *LONE_CLOSINGS,
    *PAIRS,
    *(f"<{name}>" for name in TAGS[:4]),
    "<|start|>",
    "<|channel|>",
    "final",
]
MARKS += ["<|message|>", "<|end|>", "analysis", "assistantfinal", "<answer>", "</answer>", "```\n"]
words = st.lists(st.sampled_from(MARKS) | st.sampled_from("\n .ab`<|>"), max_size=12).map("".join)


@given(words, places)
def test_the_cuts_change_nothing(said, places):
    assert split(cut(said, places)) == split([said])
    assert split([said]) == split_reasoning(said)


def test_a_continued_answer_in_code_keeps_a_mark_there():
    splitter = ReasoningSplitter(prefix="So:\n\n```xml\n<a>\n")
    said = splitter.feed("</think>\n```\nDone.")
    assert said.text + splitter.flush().text == "</think>\n```\nDone."
