"""The tables of chat. Other packages import them from here."""

from apps.chat.models.admissions import RateLimitEntry, Reservation
from apps.chat.models.allowances import Allowance
from apps.chat.models.attachments import Attachment, AttachmentQuerySet
from apps.chat.models.conversations import (
    TITLE_CHARS,
    Conversation,
    ConversationQuerySet,
    make_title,
)
from apps.chat.models.drafts import Draft
from apps.chat.models.messages import Message, MessageQuerySet
from apps.chat.models.prompts import SavedPrompt
from apps.chat.models.shares import Share, ShareQuerySet
from apps.chat.models.stored_text import StoredText
from apps.chat.models.summaries import Summary, SummaryQuerySet
from apps.chat.models.tags import Tag
from apps.chat.models.transfers import Transfer
from apps.chat.models.usage import UsageByPerson, UsageOfDeleted, UsageRecord
from apps.jobs.leases import lease

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
