"""Backups of a running installation, and what is made of them."""

import subprocess
import tarfile

import pytest

from tests.server import ParlorServer, read_rest, read_until

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
