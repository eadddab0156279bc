"""Links with which anybody can read a conversation as it was when the link was made.

The database has only the hash of what is secret in a link. The secret itself can be made again from
a number in the row and the server's SECRET_KEY, so the person sees the link as often as wanted, and
whoever gets hold of the rows alone gets no link.
"""

import hashlib
from base64 import urlsafe_b64encode

from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.chat.models import Conversation, Message, Share
from apps.chat.models.shares import make_nonce
from apps.users.models import User


def share(conversation: Conversation, tip: Message) -> Share:
    """Return a link to the branch that ends with the message."""
    existing = conversation.shares.readable().filter(tip=tip, title=conversation.title).first()
    if existing and token_of(existing):
        return existing
    nonce = make_nonce()
    return conversation.shares.create(
        tip=tip, title=conversation.title, nonce=nonce, token_hash=_hash(_token(nonce))
    )


def last_complete(conversation: Conversation) -> Message | None:
    """Return the last message of the shown branch that will not change any more."""
    tip = conversation.tip
    return tip.parent if tip and tip.is_in_progress else tip


def find(token: str) -> Share | None:
    """Return the share that the link of this token leads to, if it still may be read."""
    readable = Share.objects.readable().select_related("conversation")
    return readable.filter(token_hash=_hash(token)).first()


def revoke(share: Share) -> None:
    Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now())


def shares_of(user: User) -> list[Share]:
    """Return the person's links that work, newest first."""
    return list(Share.objects.owned_by(user).readable().select_related("conversation"))


def token_of(share: Share) -> str:
    """Return the secret part of the link; "" where it was made with another SECRET_KEY."""
    token = _token(share.nonce)
    return token if _hash(token) == share.token_hash else ""


def _token(nonce: str) -> str:
    """Return 192 bits that only this server can know."""
    digest = salted_hmac("apps.chat.shares", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:24]).decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
