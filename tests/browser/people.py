"""People who need not register, which takes half a second of a processor: rows and a cookie."""

from datetime import timedelta
from functools import cache
from http.cookiejar import Cookie

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from django.utils.crypto import get_random_string

from apps.users.login.sessions import SessionStore
from apps.users.models import User
from tests.live_server import Person

PASSWORD = "korrekt-pferd-77"
LASTS = timedelta(days=1)


def make_person(server, name):
    """Return a plain HTTP client that is logged in at the server as somebody new."""
    with override_settings(SECRET_KEY=server.env["SECRET_KEY"]):
        user = User(username=name, password=_hash())
        user.pk = _insert(server, user)
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        session = Session(
            session_key=get_random_string(32),
            session_data=SessionStore().encode(data),
            expire_date=timezone.now() + LASTS,
        )
    person = Person(server)
    person.cookies.set_cookie(_cookie(session))
    _insert(server, session)
    person.get("/chat/")
    assert "Log out" in person.page
    return person


@cache
def _hash():
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(PASSWORD, hasher.salt())


def _insert(server, row):
    """Insert the row into the server's database, and return its key."""
    fields = [field for field in row._meta.concrete_fields if field.pre_save(row, True) is not None]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    columns = ", ".join(field.column for field in fields)
    marks = ", ".join("?" * len(fields))
    table, key = row._meta.db_table, row._meta.pk.column
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {key}"
    return server.query(sql, *values)[0][0]


def _cookie(session):
    """Return the cookie, as a server on this machine would set it."""
    domain, path = ("127.0.0.1", False, False), ("/", True)
    ends = int(session.expire_date.timestamp())
    name, value = settings.SESSION_COOKIE_NAME, session.session_key
    return Cookie(0, name, value, None, False, *domain, *path, False, ends, False, None, None, {})
