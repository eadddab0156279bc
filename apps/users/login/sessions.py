"""The sessions of this site: rows, as Django's, but found without delay."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone

from apps.core.db.prepared_queries import Parameter, PreparedQuery

# What sessions name that began before this site had a backend of its own: people stay logged in.
EARLIER_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Seconds that the session of a stranger lasts: anybody can begin one, and have something kept.
STRANGER_SECONDS = 3600


class SessionStore(db.SessionStore):
    """Reads its row, which every request does, with a prepared query."""

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        if data.get(BACKEND_SESSION_KEY) == EARLIER_BACKEND:
            data[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        return data

    def get_session_cookie_age(self) -> int:
        return settings.SESSION_COOKIE_AGE if SESSION_KEY in self else STRANGER_SECONDS

    def _get_session_from_db(self) -> Session | None:
        for session in _current(key=self.session_key, now=timezone.now()):
            return session
        self._session_key = None
        return None


@PreparedQuery
def _current() -> QuerySet[Session]:
    key, now = Parameter("key", CharField()), Parameter("now", DateTimeField())
    return Session.objects.filter(session_key=key, expire_date__gt=now)


def prune() -> None:
    """Remove the sessions that have expired: they hold what strangers sent, too."""
    SessionStore.clear_expired()
