from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.chat.models.conversations import Conversation
from apps.chat.models.messages import Message
from apps.core.files.share_tokens import make_nonce

if TYPE_CHECKING:
    from apps.users.models import User


class ShareQuerySet(models.QuerySet["Share"]):
    def owned_by(self, user: "User") -> "ShareQuerySet":
        return self.filter(conversation__user=user)

    def readable(self) -> "ShareQuerySet":
        """Those whose link works: not revoked, and of somebody who may still log in."""
        return self.filter(
            revoked_at=None, conversation__deleted_at=None, conversation__user__is_active=True
        )


class Share(models.Model):
    """A link with which anybody can read a conversation as it was when the link was made."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="shares")
    tip = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    nonce = models.CharField(max_length=32, default=make_nonce, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title
