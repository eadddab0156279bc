"""URLs of the database, Redis and the mail server: nothing that one says is dropped in silence."""

import re
import warnings
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BeforeValidator

from site_config.setting_types.kinds import BASE_DIR, Allowed

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
POSTGRESQL = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}
MAIL_PORTS = {"smtps": 587, "smtp+tls": 587, "smtp+ssl": 465}
MAIL_OPTIONS = {"timeout": int, "ssl_certfile": str, "ssl_keyfile": str}


def _database(text: str) -> dict[str, Any]:
    """Return Django's DATABASES entry; in OPTIONS what the URL asks for beside the usual."""
    scheme = text.partition(":")[0]
    if scheme == "sqlite":
        return _sqlite(text)
    if scheme in ("postgresql", "postgres"):
        return _postgresql(text)
    raise ValueError("begins with neither sqlite: nor postgresql:")


def _sqlite(text: str) -> dict[str, Any]:
    with warnings.catch_warnings(action="ignore"):  # Of a host, which is refused below.
        database = environ.Env.db_url_config(text)
    if urlsplit(text).netloc or database["NAME"] == ":memory:":
        raise ValueError("names no file: three slashes and a path, or four and an absolute one")
    if "?" in text:
        raise ValueError("has options, of which there are none for SQLite")
    return {**database, "NAME": str(BASE_DIR / database["NAME"]), "OPTIONS": {}}


def _postgresql(text: str) -> dict[str, Any]:
    """Read it as libpq does, which refuses what it does not know."""
    from psycopg import Error, conninfo

    try:
        found = dict(conninfo.conninfo_to_dict(text))
    except Error as error:  # Its words quote no password, but for one in a broken place.
        raise ValueError("cannot be read by PostgreSQL's client: " + _reason(error)) from error
    if found.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"has an sslmode that is none of {', '.join(SSL_MODES)}")
    if not re.fullmatch(r"[0-9,]*", str(found.get("port", ""))):
        raise ValueError("has a port that is no number")
    if not found.get("dbname"):
        raise ValueError("names no database")
    places = {place: str(found.pop(key, "")) for key, place in POSTGRESQL.items()}
    return {"ENGINE": "django.db.backends.postgresql", **places, "OPTIONS": found}


def _reason(error: Exception) -> str:
    reason = str(error).strip().splitlines()[0]
    return reason if reason.startswith("invalid URI query parameter") else "it is no such URL"


def _redis(text: str) -> str:
    """Return the URL as it is: the client reads all of it."""
    if not text:
        return text
    url = urlsplit(text)
    if not re.fullmatch(
        r"[0-9]*", url.netloc.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    ):
        raise ValueError("has a port that is no number")
    if url.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("begins with none of redis://, rediss:// and unix://")
    if url.scheme == "unix":
        is_whole = bool(url.path)
    else:
        is_whole = bool(url.hostname) and url.port != 0
        if url.path.strip("/") and not url.path.strip("/").isdigit():
            raise ValueError("has no number after the host")
    if not is_whole:
        raise ValueError("names no host")
    return text


def _mail(text: str) -> dict[str, Any]:
    """Return Django's settings of e-mail."""
    url = urlsplit(text)
    try:
        config: dict[str, Any] = environ.Env.email_url_config(text)
    except ImproperlyConfigured as error:
        raise ValueError("begins with none of the allowed schemes") from error
    config.pop("OPTIONS", None)
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        if name.lower() not in MAIL_OPTIONS:
            raise ValueError(f"has an option that does not exist, {name!r}")
        try:
            config[f"EMAIL_{name.upper()}"] = MAIL_OPTIONS[name.lower()](value)
        except ValueError as error:
            raise ValueError(f"has no number in its option {name!r}") from error
    if url.scheme.startswith("smtp"):
        if not url.hostname:
            raise ValueError("names no host")
        config["EMAIL_PORT"] = url.port or MAIL_PORTS.get(url.scheme, 25)
    return config


DatabaseUrl = Annotated[
    dict[str, Any],
    BeforeValidator(_database),
    Allowed("sqlite:////path/to/file or postgresql://user:password@host/name?sslmode=require"),
]
RedisUrl = Annotated[str, AfterValidator(_redis), Allowed("redis://host:6379/0 or rediss://…")]
MailUrl = Annotated[
    dict[str, Any],
    BeforeValidator(_mail),
    Allowed("smtp+tls://user:password@host:587, smtp+ssl://, smtp:// or consolemail://"),
]
