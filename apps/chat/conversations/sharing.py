"""Links with which anybody can read a conversation as it was when the link was made."""

from django.utils import timezone

from apps.chat.models import Conversation, Message, Share
from apps.core.files import share_tokens
from apps.users.models import User

PURPOSE = "apps.chat.shares"  # Links that exist are made with this name.


def share(conversation: Conversation, tip: Message) -> Share:
    """Return a link to the branch that ends with the message."""
    existing = conversation.shares.readable().filter(tip=tip, title=conversation.title).first()
    if existing and token_of(existing):
        return existing
    nonce = share_tokens.make_nonce()
    return conversation.shares.create(
        tip=tip,
        title=conversation.title,
        nonce=nonce,
        token_hash=share_tokens.hash_of(_token(nonce)),
    )


def last_complete(conversation: Conversation) -> Message | None:
    """Return the last message of the shown branch that will not change any more."""
    tip = conversation.tip
    return tip.parent if tip and tip.is_in_progress else tip


def find(token: str) -> Share | None:
    """Return the share that the link of this token leads to, if it still may be read."""
    readable = Share.objects.readable().select_related("conversation")
    return readable.filter(token_hash=share_tokens.hash_of(token)).first()


def revoke(share: Share) -> None:
    Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now())


def shares_of(user: User) -> list[Share]:
    """Return the person's links that work, newest first."""
    return list(Share.objects.owned_by(user).readable().select_related("conversation"))


def token_of(share: Share) -> str:
    """Return the secret part of the link; "" where it was made with another SECRET_KEY."""
    token = _token(share.nonce)
    return token if share_tokens.hash_of(token) == share.token_hash else ""


def _token(nonce: str) -> str:
    return share_tokens.token_of(nonce, PURPOSE)
