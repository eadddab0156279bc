"""Parlor under gunicorn, with a database and people of its own."""

import os
import subprocess
import sys
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import IO

from load_test.processes import ROOT, start, wait_for


def prepare(folder: Path, port: int, service_port: int, **settings: str) -> None:
    """Set the settings, for this process, too; make the database and the static files."""
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "SECRET_KEY": "benchmark" * 8,
        "STATIC_ROOT": f"{folder}/static",
        "MEDIA_ROOT": f"{folder}/media",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{service_port}/v1",
        "PORT": str(port),
        **settings,
    }
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)


def serve(stack: ExitStack, port: int, log: IO[str] | None = None) -> int:
    """Start the server, and return its process id when it listens."""
    gunicorn = ["-m", "gunicorn", "-c", "site_config/gunicorn.py", "site_config.asgi:application"]
    process = start(stack, sys.executable, *gunicorn, log=log)
    wait_for(port)
    return process.pid


def make_people(count: int) -> list[str]:
    """Make people, each with some conversations; return the keys of their sessions."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    return [make_person(f"person{number}") for number in range(count)]


def make_person(name: str) -> str:
    from apps.chat.models import Conversation
    from apps.users.models import User

    user = User.objects.create(username=name, password="!")
    titles = [f"Conversation {number}" for number in range(30)]
    Conversation.objects.bulk_create(Conversation(user=user, title=title) for title in titles)
    return make_session(user)


def make_session(user: object) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key
