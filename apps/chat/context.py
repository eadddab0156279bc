"""What the model sees of a conversation, and how large it is."""

from itertools import pairwise

from django.conf import settings

from apps.chat.branches import ancestors
from apps.chat.models import Message

CHARS_PER_TOKEN = 4  # OpenAI's rule of thumb for English; exact tables cost 80 MB of memory.
MESSAGE_TOKENS = 4  # What each message costs besides its text.
REPLY_TOKENS = 4_000  # Room kept for the reply where no maximum is set.
MAX_MESSAGES = 1_000

CONTINUE = "Go on exactly where you stopped. Do not repeat anything and do not comment on this."


def estimate_tokens(text: str) -> int:
    """Return about how many tokens the text has; the service reports the true number later."""
    return len(text.encode()) // CHARS_PER_TOKEN + 1


def build_messages(reply: Message) -> list[dict[str, str]]:
    """Return what to send for this reply: the system prompt, then the newest that fits."""
    room = settings.CHAT_CONTEXT_TOKENS - (settings.CHAT_MAX_OUTPUT_TOKENS or REPLY_TOKENS)
    prompt = settings.CHAT_SYSTEM_PROMPT
    messages = [{"role": "system", "content": prompt}] if prompt else []
    room -= estimate_tokens(prompt) if prompt else 0
    if reply.content:  # It goes on from what an earlier version of it had.
        ending = [_sent("assistant", reply.content), _sent("user", CONTINUE)]
        room -= sum(_cost(message) for message in ending)
    else:
        ending = []
    return messages + _joined(_that_fit(reply.parent_id, room)) + ending


def _that_fit(last_id: int | None, room: int) -> list[dict[str, str]]:
    """Return the newest messages that fit, oldest first; the last question is always there."""
    chosen: list[dict[str, str]] = []
    for message in ancestors(last_id, MAX_MESSAGES):
        if not message.content.strip():
            continue  # A reply that failed before its first word.
        sent = _sent(message.role, message.content)
        room -= _cost(sent)
        if room < 0 and chosen:
            break
        chosen.append(sent)
    while len(chosen) > 1 and chosen[-1]["role"] == "assistant":
        chosen.pop()  # Its question no longer fits.
    return chosen[::-1]


def _joined(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Join neighbours of one role: many servers insist that roles alternate."""
    if all(one["role"] != other["role"] for one, other in pairwise(messages)):
        return messages
    joined: list[dict[str, str]] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1]["content"] += "\n\n" + message["content"]
        else:
            joined.append(message)
    return joined


def _sent(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _cost(message: dict[str, str]) -> int:
    return estimate_tokens(message["content"]) + MESSAGE_TOKENS
