"""What a balancer asks: is the process up, and can it take work?"""

import pytest
from django.db import OperationalError, connection

from apps.core.cache import redis_client
from apps.jobs import celery, thread_pool
from apps.jobs.thread_pool import FairPool
from tests import s3
from tests.chat.talk import answered
from tests.redis_server import RedisServer


@pytest.fixture
def pool(monkeypatch):
    pool = FairPool(1, 1)
    monkeypatch.setattr(thread_pool, "_pool", pool)
    yield pool
    pool.drain(0)


def test_a_process_that_answers_is_up(client):
    """Without a look at the database: one that is away is no reason to restart the process."""
    response = client.get("/healthz/")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "sessionid" not in response.cookies


def test_a_process_with_its_database_and_its_pool_is_ready(client, db, pool):
    response = client.get("/readyz/")
    assert response.status_code == 200
    assert response.json()["database"] == "ok"
    assert response.json()["pool"] == "ok"


def test_a_process_that_stops_is_not_ready_but_up(client, db, pool):
    pool.drain(0)
    response = client.get("/readyz/")
    assert response.status_code == 503
    assert response.json()["pool"] == "closed"
    assert client.get("/healthz/").status_code == 200


def unreachable():
    raise OperationalError('connection to server at "missing", port 5432 failed')


def test_a_process_without_its_database_is_not_ready_and_does_not_say_why(
    client, transactional_db, pool, monkeypatch
):
    """I7: neither the name of a file nor that of a host."""
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", "/missing/database")
        if connection.vendor == "postgresql":
            patch.setattr(connection, "connect", unreachable)
        response = client.get("/readyz/")
    connection.close()
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"
    assert "missing" not in response.content.decode()


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/"])
def test_probes_only_look(client, db, pool, path):
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_probes_need_no_login_and_are_not_kept(client, db, pool):
    for path in "/healthz/", "/readyz/":
        assert "no-store" in client.get(path)["Cache-Control"]


def test_the_ai_service_is_told_and_is_no_reason(ada_client, demo, pool):
    demo.fault = "401-key"
    answered(ada_client)
    response = ada_client.get("/readyz/")
    assert (response.status_code, response.json()["service"]) == (200, "credentials")
    demo.fault = None
    answered(ada_client)
    assert ada_client.get("/readyz/").json()["service"] == "ok"


def test_files_in_a_storage_that_is_away_are_told(client, db, pool, settings):
    with s3.serving() as make_bucket:
        options = make_bucket("files").options
        settings.STORAGES = {**settings.STORAGES, "default": s3.storage(options)}
        assert client.get("/readyz/").json()["files"] == "ok"
        missing = s3.storage({**options, "bucket_name": "missing"})
        settings.STORAGES = {**settings.STORAGES, "default": missing}
        response = client.get("/readyz/")
    assert (response.status_code, response.json()["files"]) == (503, "unreachable")


def test_workers_that_nobody_has_seen_are_a_reason(client, db, pool, settings, monkeypatch):
    def workers():
        response = client.get("/readyz/")
        return response.status_code, response.json()["workers"]

    monkeypatch.setattr(redis_client, "RETRY_SECONDS", 0)
    with RedisServer() as redis:
        settings.REDIS_URL = redis.url
        settings.CHAT_ENGINE = "celery"
        with monkeypatch.context() as patch:
            patch.setattr(celery, "SIGN_SECONDS", 0)  # A test before may have met none.
            assert workers() == (503, "none")
        redis.stop()
        assert workers() == (200, "unknown")
        redis.start()  # Empty: no worker has said yet that it works.
        assert workers() == (200, "unknown")
