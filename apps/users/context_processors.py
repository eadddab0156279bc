from functools import partial
from typing import Any

from django.http import HttpRequest

from apps.users.announcements import announcements_for


def announcements(request: HttpRequest) -> dict[str, Any]:
    """Give the base page what is announced; fragments, which show none, do not ask."""
    user = getattr(request, "user", None)  # None: the request was refused before.
    if not (user and user.is_authenticated):
        return {}
    return {"announcements": partial(announcements_for, user)}
