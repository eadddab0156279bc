"""Who is logged in."""

from allauth.account import auth_backends
from django.db.models import QuerySet

from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.users.models import User


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    """Finds the person of a session, which every request does, with a prepared query."""

    def get_user(self, user_id: int) -> User | None:
        for user in _by_id(pk=user_id):
            return user if self.user_can_authenticate(user) else None
        return None


@PreparedQuery
def _by_id() -> QuerySet[User]:
    return User.objects.filter(pk=Parameter("pk"))
