"""Invitations: whoever has one may make one account, where registration needs it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError
from django.db.models.functions import Now
from django.urls import reverse

from apps.core.files.share_tokens import hash_of, token_of
from apps.users.models import Invitation, User

PURPOSE = "apps.users.invitations"
FIELD = "invitation"


def invite(note: str = "", created_by: User | None = None) -> Invitation:
    invitation = Invitation(note=note, created_by=created_by)
    seal(invitation)
    invitation.save()
    return invitation


def seal(invitation: Invitation) -> None:
    """Give a new row the hash of what its link will hold."""
    invitation.token_hash = hash_of(token_of(invitation.nonce, PURPOSE))


def path_of(invitation: Invitation) -> str:
    query: Mapping[str, str] = {FIELD: token_of(invitation.nonce, PURPOSE)}
    return reverse("register", query=query)


def find(token: str) -> Invitation | None:
    """Return the invitation, if it still works."""
    return Invitation.objects.usable().filter(token_hash=hash_of(token.strip())).first()


@contextmanager
def claimed(invitation: Invitation | None) -> Iterator[None]:
    """Use it up while an account is made; give it back if none is.

    It is claimed first: no lock is held while the password is hashed. Raise IntegrityError if
    another was quicker.
    """
    rows = Invitation.objects.filter(pk=getattr(invitation, "pk", 0))
    if invitation and not rows.usable().update(used_at=Now()):
        raise IntegrityError("the invitation was used a moment ago")
    try:
        yield
    except BaseException:
        rows.update(used_at=None)
        raise


def note_user(invitation: Invitation | None, user: AbstractBaseUser) -> None:
    if invitation:
        Invitation.objects.filter(pk=invitation.pk).update(used_by=user.pk)
