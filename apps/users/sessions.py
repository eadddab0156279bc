"""The sessions of this site: rows, as Django's, but found without delay."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone

from apps.core.prepared import Parameter, PreparedQuery


class SessionStore(db.SessionStore):
    """Reads its row, which every request does, with a prepared query."""

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
