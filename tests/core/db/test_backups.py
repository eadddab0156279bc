"""Backups of a running installation, and what is made of them."""

import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from apps.core.db import backup_rotation, backups
from apps.core.db.backup_archive import BackupError
from tests import s3
from tests.live_server import ParlorServer, read_rest, read_until
from tests.waiting import PATIENCE, ROOT

ACCOUNTS = "SELECT username FROM users_user ORDER BY username"
MESSAGES = "SELECT id, role FROM chat_message ORDER BY id"


@pytest.fixture
def elsewhere(tmp_path, server):
    """Another machine, whose server does not run yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    other = ParlorServer(folder)
    other.static = server.static
    other.database.create()
    yield other
    other.database.drop()


@pytest.mark.row("O-088")
def test_a_backup_of_a_running_server_is_restored_elsewhere(server, elsewhere, tmp_path):
    ada = server.person("ada")
    media = server.folder / "media" / "pictures"
    media.mkdir(parents=True)
    (media / "one.png").write_bytes(b"a picture")
    server.demo.fault = "stall"
    growing = ada.ask("While this is answered")
    read_until(growing, "parts.")
    archive = tmp_path / "parlor.tar.gz"
    server.manage("backup", str(archive))
    assert archive.stat().st_mode & 0o777 == 0o600
    messages = server.query(MESSAGES)
    growing.close()
    server.kill()

    elsewhere.manage("restore", str(archive))
    assert elsewhere.query(ACCOUNTS) == [("ada",)]
    assert elsewhere.query(MESSAGES) == messages
    restored = elsewhere.folder / "media" / "pictures" / "one.png"
    assert restored.read_bytes() == b"a picture"

    with elsewhere.demo:
        elsewhere.start()
        try:
            ada.server = elsewhere
            ada.get("/chat/")
            assert "While this is answered" in ada.page
            assert "demo model" in read_rest(ada.ask("And does it go on?"))
        finally:
            elsewhere.kill()


def test_a_restore_replaces_accounts_only_when_told_to(server, tmp_path):
    server.person("ada")
    archive = tmp_path / "parlor.tar.gz"
    server.manage("backup", str(archive))
    server.person("bob")
    server.terminate()
    with pytest.raises(subprocess.CalledProcessError):
        server.manage("restore", str(archive))
    assert server.query(ACCOUNTS) == [("ada",), ("bob",)]
    server.manage("restore", "--replace", str(archive))
    assert server.query(ACCOUNTS) == [("ada",)]


@pytest.mark.parametrize("kind", ["missing", "no archive", "another database", "outside"])
def test_what_is_no_backup_changes_nothing(server, tmp_path, kind):
    server.person("ada")
    archive = tmp_path / "parlor.tar.gz"
    if kind == "no archive":
        archive.write_bytes(b"something else")
    elif kind == "another database":
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(__file__, "oracle")
    elif kind == "outside":
        with tarfile.open(archive, "w:gz") as tar:
            for name in ("../escaped", f"{tmp_path}/escaped", "media/../../escaped"):
                tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(subprocess.CalledProcessError):
        server.manage("restore", "--replace", str(archive))
    assert server.query(ACCOUNTS) == [("ada",)]
    assert not list(tmp_path.rglob("escaped"))


def refused(server, *arguments, **environment):
    """Run a command that refuses to do it; return the one line that says why."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**server.env, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE * 4,
    )
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (1, 1), done.stderr
    assert lines[0].startswith("CommandError: ")
    return lines[0].removeprefix("CommandError: ")


def stored(server, name, data):
    """Put a file where the server keeps them."""
    path = server.folder / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


class Vanishing(FileSystemStorage):
    """Files go between their listing and their turn, as when a person deletes them."""

    def listdir(self, path):
        folders, names = super().listdir(path)
        for name in names:
            if name.startswith("going"):
                self.delete(f"{path}/{name}")
        return folders, names


@pytest.fixture
def vanishing(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": f"{__name__}.{Vanishing.__qualname__}"},
    }
    for name in ("going-1.png", "staying.png", "going-2.png"):
        path = Path(settings.MEDIA_ROOT, "pictures", "ab", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


@pytest.mark.row("O-168")
@pytest.mark.any_engine
def test_a_file_that_goes_meanwhile_does_not_end_the_backup(ada, vanishing, tmp_path):
    archive = tmp_path / "parlor.tar.gz"
    assert backups.back_up(archive) == 1
    found = backups.verify(archive)
    assert (found.files, found.bytes) == (1, len("staying.png"))
    assert "media/pictures/ab/staying.png" in found.sums
    assert {path.name for path in tmp_path.iterdir()} == {"media", archive.name}


@pytest.mark.row("O-169")
def test_files_in_s3_are_backed_up_and_restored(server, elsewhere, tmp_path):
    server.person("ada")
    stored(server, "pictures/not-used.png", b"MEDIA_ROOT is not where the files are")
    archive = tmp_path / "parlor.tar.gz"
    with s3.serving() as make_bucket:
        ours, theirs = make_bucket("ours"), make_bucket("theirs")
        files = {"pictures/ab/one.png": os.urandom(5000), "attachments/two.txt": b"two"}
        for name, data in files.items():
            ours.put(name, data)
        theirs.put("attachments/two.txt", b"an older one of this name")
        server.manage("backup", "--verify", str(archive), **ours.environment)
        elsewhere.manage("restore", str(archive), **theirs.environment)
        assert theirs.files() == files
    assert elsewhere.query(ACCOUNTS) == [("ada",)]
    assert not (elsewhere.folder / "media").exists()


@pytest.fixture
def archive(server, tmp_path):
    """A backup with a file that cannot be packed, of a server that has stopped."""
    server.person("ada")
    stored(server, "pictures/ab/one.png", os.urandom(200_000))
    archive = tmp_path / "parlor.tar.gz"
    server.manage("backup", str(archive))
    server.terminate()
    return archive


def flip(archive, start, count):
    data = bytearray(archive.read_bytes())
    for place in range(start, start + count):
        data[place] ^= 0xFF
    archive.write_bytes(data)


def exchange(archive):
    """Change a file, and pack it all anew, so that only its own checksum tells."""
    packed = io.BytesIO(gzip.decompress(archive.read_bytes()))
    with tarfile.open(fileobj=packed) as old, tarfile.open(archive, "w:gz") as new:
        for member in old:
            data = old.extractfile(member).read()
            if member.name.startswith("media/"):
                data = data[::-1]
            new.addfile(member, io.BytesIO(data))


DAMAGE = {
    "flipped": lambda archive: flip(archive, archive.stat().st_size - 100_000, 2000),
    "cut off": lambda archive: os.truncate(archive, archive.stat().st_size - 50_000),
    "its end is missing": lambda archive: os.truncate(archive, archive.stat().st_size - 4),
    "another file": exchange,
}


@pytest.mark.row("O-170")
def test_a_damaged_archive_changes_nothing_and_says_so(server, archive):
    whole = archive.read_bytes()
    kept = stored(server, "pictures/ab/one.png", b"what is there now")
    for damage in DAMAGE.values():
        archive.write_bytes(whole)
        damage(archive)
        with pytest.raises(BackupError, match="is damaged"):
            backups.verify(archive)
    assert "is damaged" in refused(server, "restore", "--replace", str(archive))
    assert "Nothing was changed" in refused(server, "restore", "--verify", str(archive))
    assert server.query(ACCOUNTS) == [("ada",)]
    assert kept.read_bytes() == b"what is there now"


@pytest.mark.row("O-170")
def test_a_full_disk_is_one_line_and_leaves_nothing_behind(server, archive):
    folder = archive.parent / "full"
    folder.mkdir()
    limited = ["prlimit", "--fsize=100000", sys.executable, "manage.py", "backup", folder / "a.gz"]
    done = subprocess.run(limited, cwd=ROOT, env=server.env, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert re.search(rf"{folder}|pg_dump failed: .", done.stderr)
    assert list(folder.iterdir()) == []


@pytest.mark.row("O-171")
def test_a_backup_from_before_an_upgrade_is_restored_onto_the_upgraded(server, archive):
    """What only the newer version knows holds on to the tables of both."""
    newer = "CREATE TABLE chat_newer (id integer, owner bigint REFERENCES users_user (id))"
    server.query(newer)
    server.query("CREATE VIEW chat_newest AS SELECT owner FROM chat_newer")
    server.query("INSERT INTO chat_newer SELECT 1, id FROM users_user")
    assert "--replace" in refused(server, "restore", str(archive))
    server.manage("restore", "--replace", str(archive))
    server.manage("migrate", "-v0")
    server.query(newer)  # It was gone.
    assert server.query(ACCOUNTS) == [("ada",)]
    server.start()
    assert read_rest(server.person("bob").ask("Does it all work?"))


def test_a_restore_into_a_running_server_is_refused(server, tmp_path):
    ada = server.person("ada")
    archive = tmp_path / "parlor.tar.gz"
    server.manage("backup", str(archive))
    assert "stop Parlor" in refused(server, "restore", "--replace", str(archive))
    ada.get("/chat/")
    assert ada.status == 200


def test_root_is_told_whose_the_files_would_be(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    Path(settings.MEDIA_ROOT).mkdir()
    if os.geteuid() == 0:
        os.chown(settings.MEDIA_ROOT, 65534, 65534)
    assert backups.folder_of_another(0)
    assert backups.folder_of_another(os.geteuid() or 65534) is None


def test_an_archive_of_a_former_version_has_no_sums(ada, tmp_path):
    archive, former = tmp_path / "parlor.tar.gz", tmp_path / "former.tar.gz"
    backups.back_up(archive)
    with tarfile.open(archive) as old, tarfile.open(former, "w:gz") as new:
        for member in old:
            if member.name != "SHA256SUMS":
                new.addfile(member, old.extractfile(member))
    assert not backups.verify(former).has_sums


def test_old_backups_are_thinned_out(tmp_path):
    """One a day for two years: the last week, the Sundays before it, the ends of months."""
    newest = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
    for day in range(730):
        (tmp_path / backup_rotation.new_name(newest - timedelta(days=day))).touch()
    (tmp_path / "mine.tar.gz").touch()
    (tmp_path / "parlor-left.part").touch()
    os.utime(tmp_path / "parlor-left.part", (0, 0))
    assert len(backup_rotation.thin_out(tmp_path)) == 730 - (7 + 3 + 11) + 1
    left = sorted(path.name[7:17] for path in tmp_path.glob("parlor-*"))
    assert left[-7:] == [f"2026-11-{day}" for day in range(24, 31)]
    assert left[-10:-7] == ["2026-11-08", "2026-11-15", "2026-11-22"]
    assert left[0] == "2025-12-31"
    assert backup_rotation.thin_out(tmp_path) == []
    assert (tmp_path / "mine.tar.gz").exists()


def test_a_backup_into_a_folder_has_a_dated_name(server, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    server.manage("backup", "--verify", "--thin", str(folder))
    (archive,) = folder.iterdir()
    assert archive.name.startswith("parlor-")
    assert "--thin" in refused(server, "backup", "--thin", str(tmp_path / "one.tar.gz"))
