"""The cache of several processes: it counts log-ins, and codes that may be used once."""

import math

import pytest
from django.core.cache import caches

from apps.core.cache import redis_client
from apps.core.cache.failover import FailoverCache
from tests.redis_server import RedisServer
from tests.waiting import PATIENCE


@pytest.fixture
def redis(settings, monkeypatch):
    monkeypatch.setattr(redis_client, "_is_away", False)
    monkeypatch.setattr(redis_client, "_failed_at", -math.inf)
    monkeypatch.setattr(redis_client, "RETRY_SECONDS", math.inf)  # The test says when they are up.
    monkeypatch.setattr(redis_client, "PATIENCE_SECONDS", PATIENCE)
    with RedisServer() as redis:
        settings.REDIS_URL = redis.url
        yield redis


@pytest.fixture
def cache(redis, db):
    return FailoverCache(redis.url, {})


def test_a_code_is_new_to_one_process_only(cache, redis):
    assert cache.add("code", True, 60)
    assert not FailoverCache(redis.url, {}).add("code", True, 60)


def test_without_redis_a_code_is_used_once_too(cache, redis):
    redis.stop()
    assert cache.add("code", True, 60)
    assert not FailoverCache(redis.url, {}).add("code", True, 60)


def test_everything_works_without_redis(cache, redis):
    redis.stop()
    cache.set("tries", [1.0, 2.0], 60)
    assert cache.get("tries") == [1.0, 2.0]
    assert cache.get("unknown", "default") == "default"
    assert cache.touch("tries", 120)
    assert cache.has_key("tries")
    assert "tries" in cache
    cache.set_many({"one": 1, "two": 2}, 60)
    assert cache.get_many(["one", "two", "three"]) == {"one": 1, "two": 2}
    assert cache.incr("one") == 2
    assert cache.get_or_set("four", lambda: 4, 60) == 4
    assert cache.delete("tries")
    cache.delete_many(["one", "two"])
    cache.clear()
    assert cache.get("four") is None
    assert caches["rows"].get("four") is None


def test_redis_is_left_alone_for_some_seconds_and_then_used_again(cache, redis, monkeypatch):
    redis.stop()
    cache.set("known", "to the rows", 60)
    redis.start()
    assert cache.get("known") == "to the rows"
    assert redis_client.state() == "unreachable"
    monkeypatch.setattr(redis_client, "_failed_at", -math.inf)  # Some seconds later.
    assert cache.get("known") is None
    assert redis_client.state() == "ok"


@pytest.mark.row("O-117")
def test_a_redis_that_takes_nothing_is_away_although_it_answers(cache, redis, monkeypatch):
    redis.fill_up()
    cache.set("known", "to the rows", 60)
    for _ in range(2):
        assert cache.get("known") == "to the rows"
        monkeypatch.setattr(redis_client, "_failed_at", -math.inf)
    redis.make_room()
    monkeypatch.setattr(redis_client, "_failed_at", -math.inf)
    assert cache.get("known") is None


def test_a_redis_that_hangs_costs_little_and_only_once(redis, db, monkeypatch):
    monkeypatch.setattr(redis_client, "PATIENCE_SECONDS", 0.5)
    cache = FailoverCache(redis.url, {})
    redis.pause()
    cache.set("known", "to the rows", 60)
    for _ in range(100):
        assert cache.get("known") == "to the rows"
    redis.resume()


def test_the_log_tells_once_that_redis_is_away_and_when_it_is_back(
    cache, redis, caplog, monkeypatch
):
    redis.stop()
    for _ in range(3):
        cache.get("anything")
        monkeypatch.setattr(redis_client, "_failed_at", -math.inf)
    redis.start()
    monkeypatch.setattr(redis_client, "_failed_at", -math.inf)
    cache.get("anything")
    told = [each.getMessage() for each in caplog.records if each.name == "parlor.redis"]
    assert len(told) == 2
    assert told[0].startswith("Redis is away")
    assert told[1] == "Redis is back"
