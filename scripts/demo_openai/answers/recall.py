"""Answers to questions about the conversation itself."""

from __future__ import annotations

import re

from scripts.demo_openai.answers.quotes import quote
from scripts.demo_openai.messages import Message, texts_by

ASKS_FIRST = re.compile(
    r"\bdid i\b.*\bfirst\b|\bfirst message\b|\bmy first question\b|\bfirst thing (?:that )?i\b"
)
ASKS_LAST = re.compile(
    r"\bdid i\b.*\b(?:last|before|earlier|just now)\b|\bdid i just\b|\bdid i (?:say|ask|write)\W*$"
    r"|\b(?:my|the) (?:last|previous) (?:message|question)\b"
)
ASKS_FACT = re.compile(r"what(?:'s|’s| is| was) my ([\w -]{1,40}?)\s*\?")


def recall(messages: list[Message], question: str) -> str | None:
    """Answer a question about the conversation itself, if it is one."""
    known = "I am Parlor's demo model, not an AI, but I was sent our conversation."
    earlier = texts_by(messages, "user")[:-1]
    asked = question.lower()[:2000]
    if fact := ASKS_FACT.search(asked):
        return recall_fact(messages[:-1], fact[1], known)
    for pattern, index, which in ((ASKS_FIRST, 0, "first"), (ASKS_LAST, -1, "last")):
        if pattern.search(asked):
            if not earlier:
                return f"{known} This is the first message in it."
            return f"{known} The {which} thing you said before this was:\n\n{quote(earlier[index])}"
    return None


def recall_fact(messages: list[Message], name: str, known: str) -> str:
    pattern = re.compile(rf"\bmy {re.escape(name)} (?:is|was) ([^.!?\n]{{1,100}})", re.I)
    for text in reversed(texts_by(messages, "system", "developer", "user", "assistant")):
        if found := pattern.search(text):
            return f"{known} Your {name} is {found[1].strip()}."
    return f"{known} It does not say what your {name} is."
