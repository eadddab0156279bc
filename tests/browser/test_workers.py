"""A worker dies: another begins its reply afresh, in the sight of whoever reads it."""

import pytest
from playwright.sync_api import expect

from tests.live_server import ParlorServer, wait_until
from tests.redis_server import RedisServer
from tests.worker import Worker


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """A server without a worker."""
    folder, redis = tmp_path_factory.mktemp("workers"), RedisServer()
    with redis, ParlorServer(folder, CHAT_ENGINE="celery", REDIS_URL=redis.url) as server:
        yield server


@pytest.fixture
def work(shared_server):
    """Return a function that starts a worker, and waits until it is at work."""
    workers = []

    def work():
        workers.append(Worker(shared_server, shared_server.log))
        wait_until(workers[-1].is_ready, describe=shared_server.log.read_text)
        return workers[-1]

    yield work
    for worker in workers:
        worker.kill()


@pytest.mark.row("O-118")
def test_the_new_text_takes_the_place_of_the_old(reader, speaker, shared_server, work):
    """In the page that is open, and each word once."""
    first = work()
    reader.open("/chat/new/")
    reader.ask("Count, please.")
    speaker.say("Old words, ")
    reader.expect_words("Old words,")
    opened = reader.page.evaluate("performance.timeOrigin")

    work()
    first.kill()
    speaker.wait_for_hang_up()
    shared_server.query(
        "UPDATE chat_message SET lease_until = '2000-01-01 00:00:00' WHERE state = 'running'"
    )
    speaker.say("New words, ")
    reader.expect_words("New words,")
    speaker.end("and the end.")

    reader.expect_state("done")
    body = reader.reply.locator(".message__body")
    expect(body).to_have_text("New words, and the end.", use_inner_text=True)
    said = reader.page.locator("main").inner_text()
    assert (said.count("Old words"), said.count("New words")) == (0, 1)
    assert reader.page.evaluate("performance.timeOrigin") == opened
