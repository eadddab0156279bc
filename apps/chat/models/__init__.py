from apps.core.leases import lease

from .admissions import RateLimitEntry, Reservation
from .allowances import Allowance
from .attachments import Attachment, AttachmentQuerySet
from .conversations import TITLE_CHARS, Conversation, ConversationQuerySet, make_title
from .drafts import Draft
from .messages import Message, MessageQuerySet
from .prompts import SavedPrompt
from .shares import Share, ShareQuerySet
from .stored_text import StoredText
from .summaries import Summary, SummaryQuerySet
from .tags import Tag
from .transfers import Transfer
from .usage import UsageByPerson, UsageOfDeleted, UsageRecord

__all__ = [
    "TITLE_CHARS",
    "Allowance",
    "Attachment",
    "AttachmentQuerySet",
    "Conversation",
    "ConversationQuerySet",
    "Draft",
    "Message",
    "MessageQuerySet",
    "RateLimitEntry",
    "Reservation",
    "SavedPrompt",
    "Share",
    "ShareQuerySet",
    "StoredText",
    "Summary",
    "SummaryQuerySet",
    "Tag",
    "Transfer",
    "UsageByPerson",
    "UsageOfDeleted",
    "UsageRecord",
    "lease",
    "make_title",
]
