"""Links with which anybody can look at one picture."""

from apps.core.files import share_tokens
from apps.ghibli_converter.models import Picture

PURPOSE = "apps.ghibli_converter.shares"


def share(picture: Picture) -> None:
    """Let the picture have a link; one that it has stays."""
    if picture.is_shared and token_of(picture):
        return
    nonce = share_tokens.make_nonce()
    token_hash = share_tokens.hash_of(share_tokens.token_of(nonce, PURPOSE))
    Picture.objects.filter(pk=picture.pk).update(share_nonce=nonce, share_hash=token_hash)


def revoke(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(share_nonce="", share_hash=None)


def find(token: str) -> Picture | None:
    """Return the picture that the link of this token leads to, if it still may be seen."""
    return Picture.objects.shared().filter(share_hash=share_tokens.hash_of(token)).first()


def token_of(picture: Picture) -> str:
    """Return the secret part of the link; "" where there is none, or SECRET_KEY was another."""
    token = share_tokens.token_of(picture.share_nonce, PURPOSE)
    return token if share_tokens.hash_of(token) == picture.share_hash else ""
