"""Faults: reasoning in fields and in tags."""

from __future__ import annotations

from scripts.demo_openai.answers.texts import THOUGHTS, split_words
from scripts.demo_openai.chat_api import GOOD_END
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import PARTS, Fault, script


async def think(x: Exchange, name: str) -> None:
    words = split_words(THOUGHTS)
    for word in words:
        x.piece(word, name)
        await x.pause(10 / len(words))


async def think_content(x: Exchange) -> None:
    await think(x, "reasoning_content")


async def think_field(x: Exchange) -> None:
    await think(x, "reasoning")


REASONING: dict[str, Fault] = {
    "reasoning": Fault(
        "10 s (times --scale) of reasoning_content, then text",
        script(think_content, *PARTS, *GOOD_END),
    ),
    "reasoning-field": Fault(
        "10 s (times --scale) of delta.reasoning, then text", script(think_field, *PARTS, *GOOD_END)
    ),
    "think-tags": Fault(
        "<think>…</think> in the text",
        script("<think>", "I should ", "count.", "</think>", "\n\n", *PARTS, *GOOD_END),
    ),
    "think-tags-cut": Fault(
        "<think>…</think> in the text, the tags cut between pieces",
        script("<th", "ink>I should ", "count.</", "thi", "nk>\n\n", *PARTS, *GOOD_END),
    ),
    "think-only": Fault("a <think> that never ends", script("<think>", "I should ", *GOOD_END)),
}
