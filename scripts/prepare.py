"""Bring the database and the static files up to date, unless nothing has changed since."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".venv"  # A new environment does everything anew.
SETTINGS = ("DATABASE_URL", "DEBUG", "STATIC_ROOT")


def migrate(database: dict[str, Any]) -> None:
    """Run `migrate` if code, settings or database differ from those after the last run.

    What is in the database counts, too: it may be gone, or restored from an older backup.
    """

    def state() -> str | None:
        applied = _applied_migrations(database)
        return applied and _digest(applied, _files(ROOT.glob("apps/*/migrations")))

    _run_unless_same("migrate", state, "--noinput")


def collect_static(target: Path) -> None:
    """Run `collectstatic` if a static file was changed, at either end."""

    def state() -> str | None:
        if not (target / "staticfiles.json").exists():
            return None
        return _digest(_files([ROOT / "static", *ROOT.glob("apps/*/static"), target]))

    _run_unless_same("collectstatic", state, "--noinput")


def _run_unless_same(name: str, state: Callable[[], str | None], *options: str) -> None:
    stamp = STAMPS / f"{name}.stamp"
    if (now := state()) and stamp.exists() and stamp.read_text() == now:
        return
    stamp.unlink(missing_ok=True)
    print(f"Running manage.py {name} …", flush=True)
    manage = [sys.executable, "manage.py", name, *options, "--verbosity", "0"]
    if subprocess.run(manage, cwd=ROOT).returncode:
        sys.exit(f"manage.py {name} failed: see above.")
    stamp.write_text(state() or "")


def _applied_migrations(database: dict[str, Any]) -> str | None:
    """Return the applied migrations; None if they are not known without asking Django."""
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return None
    uri = (ROOT / database["NAME"]).as_uri() + "?mode=rw"  # Never make an empty file.
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY id")
            return json.dumps(rows.fetchall())
    except sqlite3.Error:
        return None


def _files(folders: Iterable[Path]) -> str:
    """Return all files below the folders, with size and time of change."""
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                status = path.stat()
                found.append((str(path), status.st_size, status.st_mtime_ns))
    return json.dumps(sorted(found))


def _digest(*parts: str) -> str:
    digest = hashlib.sha256()
    for name in ("requirements/base.txt", "site_config/settings.py", ".env"):
        path = ROOT / name
        digest.update(path.read_bytes() if path.exists() else b"-")
    for part in (*(os.environ.get(name, "") for name in SETTINGS), *parts):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
