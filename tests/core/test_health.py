"""What a balancer asks: is the process up, and can it take work?"""

import pytest
from django.db import OperationalError, connection

from apps.core import background
from apps.core.background import FairPool


@pytest.fixture
def pool(monkeypatch):
    pool = FairPool(1, 1)
    monkeypatch.setattr(background, "_pool", pool)
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
