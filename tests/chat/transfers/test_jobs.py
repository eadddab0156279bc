"""What is made in the background: it tells how far it is, and survives a server that ends."""

import json
import uuid
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.utils import timezone

from apps.chat.models import Transfer, lease
from apps.chat.transfers import job
from apps.jobs import thread_pool
from apps.jobs.runner import JobRun
from tests.chat.talk import HTMX, Pieces, ended_transfer, post
from tests.factories import make_attachment, make_conversation
from tests.live_server import wait_until
from tests.page import Page


@pytest.fixture(autouse=True)
def _media(media):
    pass


def files(settings):
    return [path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def make(user, **fields):
    return user.transfers.create(**{"kind": "account", **fields})


def page_of(client, transfer, **headers):
    return Page(client.get(f"/chat/transfers/{transfer.pk}/", headers=headers))


def archive_of(client, transfer):
    response = client.get(f"/chat/transfers/{transfer.pk}/file/")
    assert response["Content-Type"] == "application/zip"
    body = Pieces(response).rest_of_bytes()
    assert response["Content-Length"] == str(len(body))
    return response, zipfile.ZipFile(BytesIO(body))


def test_everything_of_an_account_comes_as_a_zip_file(ada_client, ada, bob):
    ada.display_name = "Ada L."
    ada.save()
    conversation = make_conversation(ada, "Question 中文", "Answer", title="Tides / ebb")
    make_conversation(ada, "Other", title="Other")
    make_conversation(bob, "Bob's secret")
    assert "Make the ZIP file" in Page(ada_client.get("/chat/export/")).buttons
    response = ada_client.post("/chat/export/")
    assert response.status_code == 303
    transfer = ended_transfer(ada)
    assert response["Location"] == f"/chat/transfers/{transfer.pk}/"
    assert page_of(ada_client, transfer).links["Download"]
    response, archive = archive_of(ada_client, transfer)
    assert response["Content-Disposition"].startswith('attachment; filename="parlor-ada-')
    account = json.loads(archive.read("account.json"))
    assert (account["format"], account["version"]) == ("parlor-account", 1)
    assert account["profile"]["display_name"] == "Ada L."
    assert "password" not in str(account)
    names = [name for name in archive.namelist() if name.startswith("conversations/")]
    assert len(names) == 4
    assert f"conversations/{conversation.pk}-Tides_ebb.json" in names
    data = json.loads(archive.read(f"conversations/{conversation.pk}-Tides_ebb.json"))
    assert data["messages"][0]["content"] == "Question 中文"
    assert "Answer" in archive.read(f"conversations/{conversation.pk}-Tides_ebb.md").decode()
    assert archive.testzip() is None
    assert not any(b"Bob" in archive.read(name) for name in archive.namelist())


def test_the_archive_has_files_preferences_and_prompts(ada_client, ada):
    ada.system_prompt = "Be brief."
    ada.save()
    ada.prompts.create(name="Summary", text="Sum it up.")
    conversation = make_conversation(ada, "What is this?")
    picture = make_attachment(conversation.tip, "pic ture.png")
    odd = make_attachment(conversation.tip, "🎉", b"No letter in the name.")
    gone = make_attachment(conversation.tip, "notes.txt", b"Some notes.")
    gone.file.storage.delete(gone.file.name)
    ada_client.post("/chat/export/")
    _, archive = archive_of(ada_client, ended_transfer(ada))
    account = json.loads(archive.read("account.json"))
    assert account["profile"]["system_prompt"] == "Be brief."
    assert account["prompts"] == [{"name": "Summary", "text": "Sum it up."}]
    names = [name for name in archive.namelist() if name.startswith("files/")]
    kept = [f"{picture.pk}-pic_ture.png", f"{odd.pk}-"]
    assert names == [f"files/{conversation.pk}/{name}" for name in kept]
    with picture.file.open() as stored:
        assert archive.read(names[0]) == stored.read()


def test_the_page_tells_how_far_it_is(ada_client, ada):
    transfer = make(ada, state="running", done=3, total=12)
    page = page_of(ada_client, transfer)
    assert "3 of 12" in page.text
    (progress,) = page.all("progress")
    assert (progress.get("value"), progress.get("max")) == ("3", "12")
    assert page.links["Show how far it is"]
    assert "Stop" in page.buttons
    fragment = page_of(ada_client, transfer, **HTMX)
    assert fragment.named("transfer").get("hx-trigger") == "every 2s"
    assert not fragment.all("h1")
    Transfer.objects.update(state="interrupted")
    fragment = page_of(ada_client, transfer, **HTMX)
    assert fragment.named("transfer").get("hx-trigger") is None
    assert "Try again" in fragment.buttons


def test_a_person_has_one_at_a_time(ada_client, ada, bob_client):
    running = make(ada, state="running", lease_until=lease())
    response = ada_client.post("/chat/export/")
    assert response.status_code == 409
    assert Page(response).links["Show it"] == f"/chat/transfers/{running.pk}/"
    assert ada.transfers.count() == 1
    assert bob_client.post("/chat/export/").status_code == 303


def test_one_whose_server_has_ended_can_be_tried_again(ada_client, ada):
    make_conversation(ada, "Hello")
    transfer = make(ada, state="running", run_id=uuid.uuid4())
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    job.transfers.recover()
    transfer.refresh_from_db()
    assert transfer.state == "interrupted"
    assert "Try again" in page_of(ada_client, transfer).buttons
    response = post(ada_client, f"/chat/transfers/{transfer.pk}/again/")
    assert response.status_code == 303
    assert ended_transfer(ada).state == "done"


def test_one_that_still_waits_when_its_server_ends_is_taken_by_another(ada):
    make(ada)
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    job.transfers.recover()
    assert ended_transfer(ada).state == "done"


def test_what_another_process_does_is_left_to_it(ada):
    transfer = make(ada, state="running", run_id=uuid.uuid4(), lease_until=lease())
    job.transfers.recover()
    job.run(transfer.pk)
    transfer.refresh_from_db()
    assert transfer.state == "running"


def test_one_that_was_stopped_stays_so_and_leaves_no_file(ada_client, ada, settings, monkeypatch):
    monkeypatch.setattr(job.account, "archive_name", lambda user: _stop(ada))
    ada_client.post("/chat/export/")
    assert ended_transfer(ada).state == "stopped"
    wait_until(lambda: not job.transfers.runs)
    assert files(settings) == []


def _stop(user):
    job.stop(user.transfers.first())
    return "stopped.zip"


def test_one_whose_end_cannot_be_written_ends_with_its_lease(ada, monkeypatch):
    def broken(*arguments, **fields):
        raise OperationalError("database is locked")

    transfer = make(ada, lease_until=lease())
    with monkeypatch.context() as patch:
        patch.setattr(job, "_perform", broken)
        patch.setattr(job, "_end", broken)
        with pytest.raises(OperationalError):
            job.run(transfer.pk)
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    job.transfers.recover()
    assert ada.transfers.get().state == "interrupted"


def test_what_goes_wrong_is_said_and_logged(ada_client, ada, monkeypatch, caplog):
    def broken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(job.account, "write_archive", broken)
    ada_client.post("/chat/export/")
    transfer = ended_transfer(ada)
    assert (transfer.state, transfer.error) == ("failed", "broken")
    page = page_of(ada_client, transfer)
    assert "Something went wrong" in page.text
    assert "Try again" in page.buttons
    wait_until(lambda: "ZeroDivisionError" in caplog.text)


def test_a_file_is_gone_after_a_day(ada_client, ada, settings):
    file = ContentFile(b"PK", "export.zip")
    old = timezone.now() - timedelta(days=1, minutes=1)
    transfer = make(ada, state="done", file=file, name="a.zip", finished_at=old)
    assert len(files(settings)) == 1
    assert "export" not in files(settings)[0]
    assert ada_client.get(f"/chat/transfers/{transfer.pk}/file/").status_code == 404
    job.remove_due()
    assert files(settings) == []
    assert not ada.transfers.exists()


def test_a_file_whose_row_is_gone_is_removed(ada, settings, monkeypatch):
    transfer = make(ada, state="done", file=ContentFile(b"PK", "export.zip"))
    kept = make(ada, state="done", file=ContentFile(b"PK", "export.zip"))
    transfer.delete()
    job.remove_orphans()
    assert len(files(settings)) == 2
    monkeypatch.setattr(job, "KEPT", timedelta())
    job.remove_orphans()
    assert files(settings) == [Path(kept.file.name).name]


def test_a_file_that_is_gone_is_not_found(ada_client, ada, settings):
    file = ContentFile(b"PK", "export.zip")
    transfer = make(ada, state="done", file=file, name="a.zip", finished_at=timezone.now())
    Path(settings.MEDIA_ROOT, transfer.file.name).unlink()
    assert ada_client.get(f"/chat/transfers/{transfer.pk}/file/").status_code == 404
    page = page_of(ada_client, transfer)
    assert "The file is gone." in page.text
    assert "Download" not in page.links


def test_what_runs_when_the_server_stops_can_be_tried_again(ada, monkeypatch):
    transfer = make(ada, state="running", run_id=(run_id := uuid.uuid4()), lease_until=lease())
    monkeypatch.setattr(thread_pool, "_transfer_pool", thread_pool.FairPool(1, 1))
    monkeypatch.setitem(job.transfers.runs, transfer.pk, JobRun(run_id))
    job.drain()
    assert ada.transfers.get().state == "interrupted"


def test_what_waits_when_the_server_stops_is_released(ada, monkeypatch):
    transfer = make(ada, lease_until=lease())
    monkeypatch.setattr(job.transfers, "waiting", {transfer.pk})
    job.transfers.recover()
    assert ada.transfers.get().state == "queued"  # Its lease goes on.
    job.transfers.end_runs()
    assert not job.transfers.waiting

    def is_done():
        job.transfers.recover()  # The lease is over when the clock has gone on by a millisecond.
        return ada.transfers.get().state == "done"

    wait_until(is_done)
