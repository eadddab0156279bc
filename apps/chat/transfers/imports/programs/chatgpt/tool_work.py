"""What ChatGPT did between the words of a turn, and which of it people saw."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from apps.chat.models import Message
from apps.chat.transfers.imports.archive_files import File
from apps.chat.transfers.imports.conversation import EMPTY_REPLY, PICTURE, Turn, message_of
from apps.chat.transfers.imports.values import paragraphs


class Sight(Enum):
    """Whether people saw it as part of the conversation."""

    SHOWN = "shown"  # Pictures, documents, reports.
    RESULT = "result"  # What a tool has answered.
    CALL = "call"  # What the model has asked of a tool.
    NOTHING = "nothing"  # Thoughts, or an answer that has not begun.


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """One thing that was done, after those before it: they may be shared by branches."""

    before: "Work | None"
    turn: Turn
    sight: Sight
    time: Any = None
    model: Any = ""
    steps: int = 1  # With those before it.


def sight_of(turn: Turn, role: str, tool: str) -> Sight:
    if not any(turn.words) and not turn.files:
        return Sight.NOTHING
    is_report = role != "assistant" and "research" in tool.lower()
    if turn.files or PICTURE in turn.words or is_report:
        return Sight.SHOWN
    return Sight.CALL if role == "assistant" else Sight.RESULT


def reply_after(work: Work | None, turn: Turn, time: Any, model: Any) -> tuple[Message, list[File]]:
    """Return the reply with these words: what people saw stands above them."""
    works = _in_order(work)
    return _reply(works, {Sight.SHOWN}, turn, time, model)


def reply_without_words(work: Work) -> tuple[Message, list[File]] | None:
    """Return the reply that the work is by itself, None if there was none to be seen."""
    works = _in_order(work)
    sights = {each.sight for each in works}
    best = next((each for each in Sight if each in sights), Sight.NOTHING)
    model = next((each.model for each in reversed(works) if each.model), "")
    reply, files = _reply(works, {best} - {Sight.NOTHING}, Turn(), work.time, model)
    is_nothing = not (reply.content or reply.reasoning or files)
    if not reply.content and not files:
        reply.content = EMPTY_REPLY
    return None if is_nothing else (reply, files)


def empty_reply(work: Work) -> Message:
    return message_of(Message.Role.ASSISTANT, EMPTY_REPLY, work.time, work.model)


def _reply(
    works: list[Work], told: set[Sight], turn: Turn, time: Any, model: Any
) -> tuple[Message, list[File]]:
    words: list[str] = []
    thoughts: list[str] = []
    for each in works:
        (words if each.sight in told else thoughts).extend(each.turn.words)
        thoughts += each.turn.thoughts
    reply = message_of(Message.Role.ASSISTANT, paragraphs(words + turn.words), time, model)
    reply.reasoning = paragraphs(thoughts + turn.thoughts)
    return reply, [file for each in works for file in each.turn.files] + turn.files


def _in_order(work: Work | None) -> list[Work]:
    found = []
    while work:
        found.append(work)
        work = work.before
    return found[::-1]
