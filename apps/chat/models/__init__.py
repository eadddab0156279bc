from .conversations import TITLE_CHARS, Conversation, ConversationQuerySet, make_title
from .messages import Message, MessageQuerySet, lease

__all__ = [
    "TITLE_CHARS",
    "Conversation",
    "ConversationQuerySet",
    "Message",
    "MessageQuerySet",
    "lease",
    "make_title",
]
