"""Files in S3 that goes away, and comes back: nothing is lost, and nothing is said to be gone."""

import pytest
from django.core.files.storage import default_storage

from apps.chat.models import Attachment, Message
from apps.core.files import storage
from apps.core.files.remote_storage import StorageAway
from tests import s3
from tests.chat.talk import answered, answered_with, ended, send
from tests.page import Page
from tests.uploads import png


@pytest.fixture(scope="module")
def make_bucket():
    with s3.serving() as make_bucket:
        yield make_bucket


@pytest.fixture
def bucket(make_bucket, settings, request):
    """Files are kept in a bucket of the test's own."""
    bucket = make_bucket(f"bucket-{abs(hash(request.node.name))}")
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage(bucket.options)}
    return bucket


def go_away(settings, bucket):
    """Let nobody answer where the bucket was."""
    options = {**bucket.options, "endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage(options)}


def come_back(settings, bucket):
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage(bucket.options)}


@pytest.mark.row("O-175")
@pytest.mark.threads("The workers have settings of their own.")
def test_text_and_files_are_kept_while_s3_is_away(ada_client, ada, demo, bucket, settings):
    first = answered_with(ada_client, ("a.txt", b"The first file"), ("b.png", png()))
    file = Attachment.objects.get(name="a.txt")
    assert b"The first file" in bucket.files().values()
    waiting = send(ada_client, ("c.txt", b"A file that waits"), ("d.xyz", b""), text="")
    ids = [each.get("value") for each in Page(waiting).all("input[@name='attachment']")]
    assert len(ids) == 1

    go_away(settings, bucket)
    ada_client.raise_request_exception = False
    refused = send(ada_client, ("e.txt", b"Another"), text="My text", attachment=ids)
    page = Page(refused)
    assert refused.status_code == 503
    assert page.alerts == ["Your files could not be saved. Attach them again."]
    assert page.typed == "My text"
    assert [each.get("value") for each in page.all("input[@name='attachment']")] == ids
    shown = ada_client.get(f"/chat/attachments/{file.pk}/")
    assert shown.status_code == 503
    assert "does not answer" in shown.content.decode()
    assert "our fault" not in shown.content.decode()
    assert ada_client.get(first.conversation.get_absolute_url()).status_code == 200
    assert answered(ada_client, "Without files").state == "done"

    come_back(settings, bucket)
    assert send(ada_client, ("e.txt", b"Another"), attachment=ids).status_code == 303
    ended(Message.objects.filter(role="assistant").latest("pk"))
    names = Attachment.objects.filter(message__isnull=False).values_list("name", flat=True)
    assert sorted(names) == ["a.txt", "b.png", "c.txt", "e.txt"]
    assert b"Another" in bucket.files().values()


@pytest.mark.row("O-175")
@pytest.mark.any_engine
def test_what_is_away_is_not_taken_for_gone(bucket, settings):
    name = storage.store(b"words", "attachments", "txt")
    assert storage.read(name) == b"words"
    assert name in set(storage.all_names())
    with pytest.raises(FileNotFoundError):
        storage.read("attachments/nothing.txt")
    go_away(settings, bucket)
    attempts = (
        lambda: storage.read(name),
        lambda: storage.store(b"words", "attachments", "txt"),
        lambda: storage.remove(name),
        lambda: list(storage.all_names()),
        lambda: default_storage.size(name),
        lambda: default_storage.exists(name),
        lambda: default_storage.get_modified_time(name),
    )
    for attempt in attempts:
        with pytest.raises(StorageAway):
            attempt()
