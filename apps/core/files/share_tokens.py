"""Links that are secrets: whoever has one may look at what it leads to.

The database has only the hash of what is secret in a link. The secret itself can be made again from
a number in the row and the server's SECRET_KEY, so the person sees the link as often as wanted, and
whoever gets hold of the rows alone gets no link.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode

from django.utils.crypto import salted_hmac


def make_nonce() -> str:
    return secrets.token_hex(16)


def token_of(nonce: str, purpose: str) -> str:
    """Return 192 bits that only this server can know; others for another purpose."""
    digest = salted_hmac(purpose, nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:24]).decode()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
