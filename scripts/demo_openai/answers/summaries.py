"""Summaries and titles: extracts of the conversation."""

from __future__ import annotations

import re

from scripts.demo_openai.answers.quotes import shorten
from scripts.demo_openai.messages import Message, text_of, texts_by

SUMMARISE = re.compile(r"\bsummari[sz]e\b", re.I)
SUMMARY_WORDS = re.compile(r"\bat most (\d{1,5}) words\b")
REMEMBER = re.compile(r"\bremember\b", re.I)


def make_title(text: str) -> str:
    words = re.findall(r"\w[\w'’-]*", text)[:5]
    return " ".join(words)[:60].capitalize() or "New conversation"


def summarise(messages: list[Message]) -> str:
    """Return an extract: what is to be remembered, and of all else the first sentences that fit."""
    system = " ".join(texts_by(messages, "system", "developer"))
    asked = SUMMARY_WORDS.search(system)
    room = max(200, int(asked[1]) * 5) if asked else 6000
    entries = entries_of(messages)
    limit = max(60, min(200, room // max(1, len(entries))))
    extract = [f"- {gist(entry, limit)}" for entry in entries]
    size = sum(map(len, extract))
    for entry in [entry for entry in extract if not REMEMBER.search(entry)]:
        if size <= room:
            break
        extract.remove(entry)  # The oldest first.
        size -= len(entry)
    return "\n".join(extract) or "Nothing has been said so far."


def entries_of(messages: list[Message]) -> list[str]:
    """Return what is to be summarised: the messages, or the lines of the only one."""
    source = [message for message in messages if message.get("role") in ("user", "assistant")]
    if len(source) > 1 and SUMMARISE.search(text_of(source[-1])):
        source.pop()
    if len(source) != 1:
        return [f"{one['role']}: {text_of(one)}" for one in source]
    lines = [line.strip().removeprefix("- ") for line in text_of(source[0]).splitlines()]
    lines = [line for line in lines if line and line[0] not in ">(" and not line.endswith(":")]
    return [line for line in lines if not SUMMARISE.search(line)] or lines


def gist(text: str, limit: int) -> str:
    """Return the sentences that ask to remember something, or the first two."""
    sentences = re.split(r"(?<=[.!?])\s+", " ".join(text.split()))
    if wanted := [one for one in sentences if REMEMBER.search(one)]:
        return shorten(" ".join(wanted), 300)
    return shorten(" ".join(sentences[:2]), limit)
