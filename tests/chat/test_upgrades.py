"""A new version's migrations run while the old one serves."""

import re
import subprocess
import sys

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader

from tests.live_server import ParlorServer, read_rest, read_until
from tests.page import Page
from tests.waiting import ROOT

# What the next version could bring: an app with a migration that changes the tables of others.
NEWER = {
    "__init__.py": "",
    "settings.py": 'from site_config.settings import *\n\nINSTALLED_APPS.append("newer")\n',
    "migrations/__init__.py": "",
    "migrations/0001_newer.py": """
from django.db import migrations, models

def add_fields(apps, schema_editor):
    for name in "chat.Message", "chat.Conversation", "users.User":
        field = models.CharField(max_length=9, default="new", db_default="new")
        field.set_attributes_from_name("newer")
        field.model = apps.get_model(name)
        schema_editor.add_field(field.model, field)

class Migration(migrations.Migration):
    dependencies = [("chat", "__latest__"), ("users", "__latest__")]
    operations = [migrations.RunPython(add_fields)]
""",
}

# What had been applied everywhere before old processes were minded.
SETTLED = {
    "chat": "0011_drafts",
    "users": "0004_shortcuts",
}
# The old code may not read what goes, nor write what it does not know.
HARMFUL = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)


@pytest.mark.row("O-120")
def test_a_reply_is_written_to_its_end_while_the_tables_change(server, tmp_path):
    for name, text in NEWER.items():
        path = tmp_path / "next" / "newer" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ada = server.person("ada")
    server.demo.pace = 0.05
    with ada.ask("60 words, please") as growing:
        html = read_until(growing, "You wrote")
        environment = {"PYTHONPATH": tmp_path / "next", "DJANGO_SETTINGS_MODULE": "newer.settings"}
        server.manage("migrate", "-v0", **{key: str(value) for key, value in environment.items()})
        assert Page(html + read_rest(growing)).messages[-1].state == "done"
    server.demo.pace = 0
    with ada.ask("And now?") as growing:
        assert Page(read_rest(growing)).messages[-1].state == "done"
    assert server.query("SELECT DISTINCT newer FROM chat_message") == [("new",)]
    assert server.query("SELECT count(*) FROM chat_message") == [(4,)]
    assert "And now" in ada.get("/chat/search/?q=now")


@pytest.mark.row("O-167")
def test_code_that_meets_another_schema_says_so_and_serves(server):
    """As in a rolling upgrade: old code on a newer schema; or after a forgotten migration."""
    ((first, last),) = server.query(
        "SELECT min(name), max(name) FROM django_migrations WHERE app = 'chat'"
    )
    server.query(
        "INSERT INTO django_migrations (app, name, applied) SELECT app, '9999_newer', applied"
        " FROM django_migrations WHERE app = 'chat' AND name = ?",
        first,
    )
    server.query("DELETE FROM django_migrations WHERE app = 'chat' AND name = ?", last)
    server.terminate()
    server.start()
    log = server.log.read_text()
    assert "The database was migrated by a newer Parlor, up to chat.9999_newer" in log
    assert "The database is older than this Parlor, which has 1 more" in log
    with server.person("ada").ask("Hello?") as growing:
        assert Page(read_rest(growing)).messages[-1].state == "done"


class ServerBefore(ParlorServer):
    """The code before the newest migration, on a database that has it."""

    def __init__(self, folder, code):
        super().__init__(folder)
        self.code = code

    def launch(self, command, **options):
        static = {"STATIC_ROOT": str(self.folder / "static before")}
        environment = {**self.env, **static}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=self.code, env=environment, check=True)
        return subprocess.Popen(
            command, cwd=self.code, env=environment, start_new_session=True, **options
        )


@pytest.fixture
def code_before(tmp_path):
    """The project as it was before the commit that brought the newest migration."""
    paths = ["apps/*/migrations/0*.py"]
    newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", *paths)
    if not newest or not git("rev-parse", "--verify", "--quiet", f"{newest}^"):
        pytest.skip("There is no history here.")
    folder = tmp_path / "before"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", f"{newest}^"], cwd=ROOT, capture_output=True)
    subprocess.run(["tar", "-x"], cwd=folder, input=archive.stdout, check=True)
    return folder


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode else done.stdout.strip()


@pytest.mark.row("O-167")
@pytest.mark.threads("The worker would be of the newer code.")
def test_the_code_before_serves_with_the_schema_of_now(tmp_path, code_before):
    with ServerBefore(tmp_path, code_before) as server:
        with server.person("ada").ask("Hello?") as growing:
            assert Page(read_rest(growing)).messages[-1].state == "done"
        assert not re.search("(Integrity|Programming)Error", server.log.read_text())


def unsettled():
    """Return the operations of the migrations that may meet a process of an older version."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    settled = {parent for key in SETTLED.items() for parent in loader.graph.forwards_plan(key)}
    return [
        (key, operation)
        for key, migration in loader.disk_migrations.items()
        if migration.__module__.startswith("apps.") and key not in settled
        for operation in migration.operations
    ]


@pytest.mark.row("O-120")
def test_an_older_process_can_live_with_every_migration():
    """A field goes in two releases: one that no longer knows it, and one that removes it."""
    for key, operation in unsettled():
        assert not isinstance(operation, HARMFUL), f"{key}: {operation.describe()}"
        if isinstance(operation, operations.AddField):
            field = operation.field
            is_filled = (
                field.null or field.has_db_default() or isinstance(field, models.ManyToManyField)
            )
            assert is_filled, f"{key}: {operation.describe()} needs db_default"
