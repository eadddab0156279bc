from .conversations import TITLE_CHARS, Conversation, ConversationQuerySet, make_title
from .messages import Message, MessageQuerySet, lease
from .prompts import SavedPrompt
from .summaries import Summary, SummaryQuerySet

__all__ = [
    "TITLE_CHARS",
    "Conversation",
    "ConversationQuerySet",
    "Message",
    "MessageQuerySet",
    "SavedPrompt",
    "Summary",
    "SummaryQuerySet",
    "lease",
    "make_title",
]
