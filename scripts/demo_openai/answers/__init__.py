"""What the demo model says: prepared texts, quotes and extracts of the conversation."""

from __future__ import annotations

import re

from scripts.demo_openai.answers.attachments import FILE, describe_files
from scripts.demo_openai.answers.quotes import quote
from scripts.demo_openai.answers.recall import recall
from scripts.demo_openai.answers.summaries import SUMMARISE, make_title, summarise
from scripts.demo_openai.answers.texts import (
    CODE,
    CONNECT,
    FEATURES,
    INTRO,
    MATHS,
    MORE_CODE,
    MORE_MATHS,
    TABLE,
    long_answer,
)
from scripts.demo_openai.messages import Message, texts_by

MAX_WORDS = 20_000  # The longest answer that "N words" gets.
GREETING = re.compile(
    r"(?:hi|hello|hey|hallo|thanks|thank you|ok|okay|test|ping|bye)\b[\s,.!?]*"
    r"(?:there|again|parlor|world|everyone|very much|so much)?[\s.!?]*",
    re.I,
)
WRITE_TITLE = re.compile(r"\b(?:write|make|give)\b.{0,20}\btitle\b", re.I)


def compose(messages: list[Message], model: str) -> str:
    """Write the demo's answer to a conversation."""
    system = "\n".join(texts_by(messages, "system", "developer"))
    asked = texts_by(messages, "user")
    question = FILE.sub("", asked[-1]).strip() if asked else ""
    task = system.partition("\n")[0]  # What follows may quote the conversation.
    if WRITE_TITLE.search(task):
        return make_title(asked[0] if asked else "")
    if SUMMARISE.search(task) or SUMMARISE.search(question):
        return summarise(messages)
    attached = describe_files(messages[-1])
    if attached:
        quoted = f"You wrote:\n\n{quote(question)}\n\n" if question else ""
        return f"{INTRO} {quoted}{attached}"
    return recall(messages, question) or answer(question, len(messages), model)


def answer(question: str, count: int, model: str) -> str:
    """Answer a question with a prepared text that fits it."""
    asked = question.strip().lower()[:2000]
    opening = f"{INTRO} You wrote:\n\n{quote(question)}"
    if words := re.search(r"\b(\d{1,5})[ -]words?\b", asked):
        return long_answer(opening, min(int(words[1]), MAX_WORDS))
    if re.search(r"(?<!how )\blong\b", asked):
        return long_answer(opening, 3000)
    if GREETING.fullmatch(asked):
        return f"{INTRO} Hello! Ask me something longer, and I show what Parlor can do."
    if re.search(r"\b(?:code|python|program)\b", asked):
        return "\n\n".join([opening, "Here is some code:", CODE, MORE_CODE, CONNECT])
    if re.search(r"\btables?\b", asked):
        return "\n\n".join([opening, "Here is a table:", TABLE, CONNECT])
    if re.search(r"\b(?:maths?|equation|formula)\b", asked):
        return "\n\n".join([opening, MATHS.strip(), MORE_MATHS.strip(), CONNECT])
    if model == "parlor-demo-mini":
        return f"{opening}\n\n{CONNECT}"
    sent = f"You sent me {count} message{'s' if count != 1 else ''} with this request."
    return "\n\n".join([opening, sent, FEATURES, TABLE, CODE, MATHS.strip(), CONNECT])
