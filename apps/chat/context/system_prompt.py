"""What the model is told before a conversation, and by whom."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.chat.models import Conversation
from apps.users.models import User

MAX_CHARS = 10_000  # Of one prompt.
MOST_PROMPTS = 100  # Of one person: a menu beside each composer shows them all.


@dataclass(frozen=True, slots=True)
class Part:
    source: str | Promise
    text: str


def parts(conversation: Conversation) -> list[Part]:
    """Return what is told, in this order: the more particular has the last word."""
    user = conversation.user
    told = [
        Part(_("From this site"), settings.CHAT_SYSTEM_PROMPT),
        Part(_("From your preferences"), user.system_prompt),
        Part(_("From this conversation"), conversation.system_prompt),
    ]
    return [part for part in told if part.text.strip()]


def system_prompt(conversation: Conversation) -> str:
    """Return all that the model is told before the conversation; empty if that is nothing."""
    return "\n\n".join(part.text.strip() for part in parts(conversation))


def joined(text: str, prompt: str) -> str:
    """Return the text with the prompt below it."""
    return f"{text.rstrip()}\n\n{prompt}" if text.strip() else prompt


def has_room(user: User) -> bool:
    """Tell whether the person may save one more prompt."""
    return user.prompts.count() < MOST_PROMPTS
