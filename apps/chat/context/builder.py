"""What the model sees of a conversation, and how large it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Any

from django.conf import settings

from apps.chat.context.attachments import AttachedFiles
from apps.chat.context.model_selection import longest_reply
from apps.chat.context.system_prompt import system_prompt
from apps.chat.message_tree import nearest_summary, walk_up
from apps.chat.models import Message
from apps.gateway import model_quirks
from apps.gateway.reply.content import Content, joined, text_of

CHARS_PER_TOKEN = 4  # OpenAI's rule of thumb for English; exact tables cost 80 MB of memory.
MESSAGE_TOKENS = 4  # What each message costs besides its text.
REPLY_TOKENS = 4_000  # Room kept for the reply where no maximum is set, if it is not too much.
MAX_MESSAGES = 1_000

# A shorter request says more about what the service adds to it than about its tokens.
TELLING_TOKENS = 200
TELLING_MESSAGES = 10
LEAST_CORRECTION, MOST_CORRECTION = 0.5, 4.0

CONTINUE = "Go on exactly where you stopped. Do not repeat anything and do not comment on this."
EARLIER = "The beginning of this conversation is no longer shown to you. In short, it was:"


@dataclass(frozen=True, slots=True)
class Context:
    """What the model is sent for a reply; tokens are estimates, before any correction."""

    messages: list[dict[str, Any]]
    first_seen: int | None  # The id of the first message in it, if there are any before that.
    tokens: int
    room: int
    left_out: list[int]  # Ids of the files for which there was no room.
    is_too_long: bool  # Surely: its model takes less, and there is nothing more to leave out.

    @property
    def is_filling(self) -> bool:
        """Tell whether it will soon be too small for the conversation."""
        return self.tokens > self.room / 2


def estimate_tokens(text: str) -> int:
    """Return about how many tokens the text has; the service reports the true number later."""
    return len(text.encode()) // CHARS_PER_TOKEN + 1


def build_context(reply: Message, most: int | None = None) -> Context:
    """Return what to send for this reply, for which its model has to be known.

    That is the system prompt, the summary of what no longer fits, and the newest messages that
    fit the room, or `most` tokens as they are estimated, with their files; the last question is
    always there.
    """
    branch = walk_up(reply.parent_id)
    newest = list(islice(branch, TELLING_MESSAGES))
    longest = longest_reply(reply.conversation)
    room = round(room_for(reply.model, longest) / correction(newest, reply.model))
    room = min(filter(None, (room, most, _most_taken(newest, reply.model))))
    prompt = system_prompt(reply.conversation)
    files = AttachedFiles(reply)
    ending = _continuation(reply, room // 2)
    beginning = _system(prompt)
    candidates = chain(newest, islice(branch, MAX_MESSAGES))
    seen = _that_fit(candidates, room - _cost_of(beginning + ending), files)
    if is_cut := bool(seen and seen[-1].parent_id):
        beginning = _system(prompt, _summary_text(seen[0], room))
        seen = _that_fit(seen, room - _cost_of(beginning + ending), files)
    sent = [_sent(each.role, files.content(each)) for each in reversed(seen)]
    messages = beginning + _joined(sent) + ending
    tokens = _cost_of(beginning + ending) + sum(cost(each) + files.cost(each) for each in seen)
    return Context(
        messages=messages,
        first_seen=seen[-1].pk if is_cut else None,
        tokens=tokens,
        room=room,
        is_too_long=tokens > room and _cannot_fit(reply, messages, tokens),
        left_out=[pk for each in seen for pk in files.left_out(each)],
    )


def room_for(model: str, longest: int | None = None) -> int:
    """Return how many tokens may be sent to the model, so that its longest reply has room, too."""
    size = known_size(model) or settings.CHAT_CONTEXT_TOKENS
    if model not in settings.CHAT_MODEL_CONTEXT:
        size = min(size, settings.CHAT_CONTEXT_TOKENS)
    longest = longest or settings.CHAT_MAX_OUTPUT_TOKENS or min(REPLY_TOKENS, size // 4)
    return max(size - longest, size // 4)


def known_size(model: str) -> int | None:
    """Return how many tokens the model takes, as it was set, or as a refusal has told."""
    sizes = settings.CHAT_MODEL_CONTEXT.get(model), model_quirks.context_tokens(model)
    return min(filter(None, sizes), default=None)


def correction(newest: Iterable[Message], model: str) -> float:
    """Return by how much the model's last count in these messages was above our estimate."""
    for message in newest:
        told, estimate = message.prompt_tokens or 0, message.prompt_estimate or 0
        is_telling = told and not message.tokens_estimated and estimate >= TELLING_TOKENS
        if is_telling and message.model == model:
            return min(max(told / estimate, LEAST_CORRECTION), MOST_CORRECTION)
    return 1.0


def cost(message: Message) -> int:
    """Return about how many tokens the message has without its files."""
    return estimate_tokens(message.content) + MESSAGE_TOKENS


def shortened(text: str, tokens: int) -> str:
    """Return as many whole lines of the text as fit, or the beginning of its first."""
    if estimate_tokens(text) <= tokens:
        return text
    cut = text.encode()[: max(0, tokens - 1) * CHARS_PER_TOKEN].decode(errors="ignore")
    return (cut.rpartition("\n")[0] or cut).rstrip()


def least_tokens(text: str) -> int:
    """Return what the text has at least: no word is less than a token."""
    return max(len(text.split()), round(estimate_tokens(text) * LEAST_CORRECTION))


def _cannot_fit(reply: Message, messages: list[dict[str, Any]], tokens: int) -> bool:
    """Return whether even this is surely more than the model takes, whose size is known."""
    size = known_size(reply.model)
    if size is None:
        return False
    if sum(least_tokens(text_of(each["content"])) for each in messages) > size:
        return True
    siblings = Message.objects.filter(parent_id=reply.parent_id, model=reply.model, error="context")
    return tokens > size and siblings.exclude(pk=reply.pk).exists()  # It was refused before.


def _most_taken(newest: Iterable[Message], model: str) -> int | None:
    """Return twice what the model has last taken here, or half of what it has last refused.

    A service that refuses a conversation without naming a size takes half of it. What came to be
    half because there was no more room is in no danger: the room is less than twice as much.
    """
    for message in newest:
        tokens = message.prompt_estimate or 0
        if message.model != model or tokens < TELLING_TOKENS:
            continue
        if message.error == "context":
            return tokens // 2
        return tokens * 2 if message.first_seen else None
    return None


def _summary_text(last: Message, room: int) -> str:
    summary = nearest_summary(last.pk)
    # What a person has written, or what was made for a larger model, may be too long.
    return shortened(summary.text, room // 4) if summary else ""


def _that_fit(newest_first: Iterable[Message], room: int, files: AttachedFiles) -> list[Message]:
    """Return the newest messages that fit, newest first, but no reply without its question."""
    chosen: list[Message] = []
    for message in newest_first:
        if not message.content.strip() and message not in files:
            continue  # A reply that failed before its first word.
        room -= cost(message)
        if room < 0 and chosen:
            break
        room -= files.choose(message, room)
        chosen.append(message)
    while len(chosen) > 1 and chosen[-1].is_reply and chosen[-1].parent_id:
        chosen.pop()  # Its question no longer fits.
    return chosen


def _system(prompt: str, summary: str = "") -> list[dict[str, Any]]:
    """Return one message, if any: many servers take a single one, and only as the first."""
    parts = [prompt, f"{EARLIER}\n\n{summary}" if summary else ""]
    content = "\n\n".join(part for part in parts if part)
    return [_sent("system", content)] if content else []


def _continuation(reply: Message, most: int) -> list[dict[str, Any]]:
    """Return the reply so far, or as much of its end as fits, and the request to go on."""
    if not reply.content:
        return []
    text = reply.content
    if estimate_tokens(text) > most:
        text = text.encode()[-most * CHARS_PER_TOKEN :].decode(errors="ignore")
    return [_sent("assistant", text), _sent("user", CONTINUE)]


def _joined(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbours of one role: many servers insist that roles alternate."""
    if all(one["role"] != other["role"] for one, other in pairwise(messages)):
        return messages
    fewer: list[dict[str, Any]] = []
    for message in messages:
        if fewer and fewer[-1]["role"] == message["role"]:
            fewer[-1]["content"] = joined(fewer[-1]["content"], message["content"])
        else:
            fewer.append(message)
    return fewer


def _sent(role: str, content: Content) -> dict[str, Any]:
    return {"role": role, "content": content}


def _cost_of(messages: list[dict[str, Any]]) -> int:
    """Return about how many tokens these have, which are texts of ours."""
    return sum(estimate_tokens(each["content"]) + MESSAGE_TOKENS for each in messages)
