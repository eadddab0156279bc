"""Addresses, proxies and databases that are not as they should be."""

import io
import logging

import pytest
from django.conf import settings as site_settings
from django.db import OperationalError
from django.test import Client
from django.utils.module_loading import import_string

from apps.core.monitoring import log_quiet
from apps.server import proxies
from apps.server.admission import senders
from tests.factories import make_conversation

TOKEN = "Zm9yLXRlc3RzLW9ubHktbm8tc2VjcmV0"


@pytest.fixture
def log():
    """What the server's log would hold, by its own filters and formatter."""
    names = site_settings.LOGGING["handlers"]["console"]["filters"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    for name in names:
        handler.addFilter(import_string(site_settings.LOGGING["filters"][name]["()"])())
    handler.setFormatter(
        import_string("apps.core.monitoring.log_formatter.LineFormatter")("%(message)s")
    )
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


@pytest.mark.row("O-162")
@pytest.mark.any_engine
@pytest.mark.parametrize(
    "path",
    [
        "/chat/shared/{}/",
        "/chat/shared/{}",
        "/chat/shared/{}.",
        "/chat/shared/{}/x/",
        "//chat/shared/{}/",
        "/users/password/reset/1-{}",
        "/users/password/reset/1-{}/",
        "/users/email/{}",
    ],
)
def test_no_token_is_in_the_log_however_its_address_is_wrong(db, log, path):
    client = Client(enforce_csrf_checks=True)
    path = path.format(TOKEN)
    client.get(path)
    client.post(path, {"a": "b"})
    client.get(path, headers={"host": "evil.example"})
    lines = log()
    assert TOKEN not in lines
    assert "GET /" in lines


@pytest.mark.row("O-162")
@pytest.mark.any_engine
@pytest.mark.parametrize("address", ["http://[", "http://testserver//[x", "http://a]b/", "%"])
def test_an_address_that_cannot_be_read_counts_as_none(client, ada, address):
    headers = {"HX-Request": "true", "HX-Current-URL": address}
    assert client.get("/chat/", headers=headers).status_code == 401
    client.force_login(ada)
    conversation = make_conversation(ada, "Question")
    for path in ("/chat/", conversation.get_absolute_url(), "/chat/search/?q=a"):
        assert client.get(path, headers=headers).status_code == 200, path
    rename = f"/chat/{conversation.pk}/rename/"
    assert client.post(rename, {"title": "New"}, headers=headers).status_code < 400


def scope(path="/chat/", *forwarded):
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return {"client": ("127.0.0.1", 1), "path": path, "headers": headers}


@pytest.mark.row("O-162")
@pytest.mark.any_engine
def test_more_trusted_proxies_than_there_are_is_told_once(settings, log):
    proxies.forget()
    settings.TRUSTED_PROXIES = 2
    senders.address_of(scope("/readyz/"))
    senders.address_of(scope("/chat/", "192.0.2.1, 10.0.0.1"))
    assert log() == ""
    for _ in range(3):
        senders.address_of(scope("/chat/", "192.0.2.1"))
    (line,) = log().splitlines()
    assert line.startswith("TRUSTED_PROXIES is 2, but a request came by way of 1")
    proxies.forget()


@pytest.mark.row("O-162")
@pytest.mark.any_engine
def test_a_database_that_only_reads_is_one_quiet_line(log):
    logger = logging.getLogger("django.request")
    for words in ("attempt to write a readonly database", "cannot execute INSERT in a read-only "):
        try:
            raise OperationalError(words + "transaction" * ("cannot" in words))
        except OperationalError:
            logger.exception("Internal Server Error: /chat/")
    (line,) = log().splitlines()
    assert line.startswith("The database can only be read")


@pytest.mark.row("O-162")
@pytest.mark.any_engine
def test_other_errors_of_the_database_keep_their_traceback():
    try:
        raise OperationalError("no such table")
    except OperationalError as error:
        record = logging.LogRecord("a", 40, "a", 1, "x", (), (type(error), error, None))
    assert log_quiet.ReadOnlyDatabase().filter(record)
    assert record.exc_info
