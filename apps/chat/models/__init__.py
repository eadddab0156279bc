from .conversations import LONG_AGO, TITLE_CHARS, Conversation, ConversationQuerySet, make_title
from .messages import Message, MessageQuerySet, lease
from .prompts import SavedPrompt
from .summaries import Summary, SummaryQuerySet
from .tags import Tag

__all__ = [
    "LONG_AGO",
    "TITLE_CHARS",
    "Conversation",
    "ConversationQuerySet",
    "Message",
    "MessageQuerySet",
    "SavedPrompt",
    "Summary",
    "SummaryQuerySet",
    "Tag",
    "lease",
    "make_title",
]
