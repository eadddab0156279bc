"""The secrets of two-step log-in at rest: encrypted with a key that is made from SECRET_KEY.

What is encrypted is spelt in base 32, as the secrets are. So code of before, which takes what is
stored for the secret itself, finds the codes wrong in an upgrade instead of failing.
"""

import base64
import hashlib
import logging
import secrets
from contextlib import suppress
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

logger = logging.getLogger(__name__)

MARK = "CRYPTED2"  # Eight characters of base 32 are five bytes: what follows decodes by itself.
PURPOSE = b"parlor: secrets of two steps"


def encrypt(text: str) -> str:
    key = _keys()[0]
    token = base64.urlsafe_b64decode(Fernet(key).encrypt(text.encode()))
    return _prefix(key) + base64.b32encode(token).decode()


def decrypt(stored: str) -> str:
    """Return the text; as it is if code of before has stored it, which encrypted nothing."""
    text = _read(stored)
    if text is not None:
        return text
    logger.error(
        "A secret of two steps cannot be read: SECRET_KEY has changed."
        " Add the earlier key to SECRET_KEY_FALLBACKS."
    )
    return base64.b32encode(secrets.token_bytes(20)).decode()  # Every code is wrong.


def encrypt_stored(model: Any = None) -> int:
    """Encrypt what is not, or with an earlier key; return of how many authenticators."""
    if model is None:
        from allauth.mfa.models import Authenticator as model  # Not while migrations load this.
    count = 0
    for row in model.objects.filter(type__in=["totp", "recovery_codes"]).iterator():
        data = _each_secret(row.data, _renewed)
        if data != row.data:  # Unless it was used, or removed, meanwhile.
            count += model.objects.filter(pk=row.pk, data=row.data).update(data=data)
    return count


def decrypt_stored(model: Any) -> None:
    for row in model.objects.filter(type__in=["totp", "recovery_codes"]).iterator():
        data = _each_secret(row.data, decrypt)
        model.objects.filter(pk=row.pk).update(data=data)


def _each_secret(data: dict[str, Any], change: Any) -> dict[str, Any]:
    changed: dict[str, Any] = {
        name: change(text) for name, text in data.items() if name in ("secret", "seed")
    }
    if "migrated_codes" in data:
        changed["migrated_codes"] = [change(code) for code in data["migrated_codes"]]
    return {**data, **changed}


def _renewed(stored: str) -> str:
    if stored.startswith(_prefix(_keys()[0])):
        return stored
    text = _read(stored)
    return stored if text is None else encrypt(text)


def _read(stored: str) -> str | None:
    if not stored.startswith(MARK):
        return stored
    for key in _keys():
        if stored.startswith(_prefix(key)):
            with suppress(InvalidToken, ValueError):
                token = base64.b32decode(stored.removeprefix(_prefix(key)))
                return Fernet(key).decrypt(base64.urlsafe_b64encode(token)).decode()
    return None


def _keys() -> list[bytes]:
    return [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache
def _key(secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))


def _prefix(key: bytes) -> str:
    """Return what tells that a text is encrypted, and with which key."""
    return MARK + base64.b32encode(hashlib.sha256(key).digest()[:5]).decode()
