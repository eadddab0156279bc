import pytest
from django.test import Client

from apps.chat.replies import queue, runs
from apps.chat.summaries import completions
from apps.jobs import scheduler, thread_pool
from tests import engine
from tests.chat.talk import ask, follow_page
from tests.factories import make_user
from tests.live_server import wait_until


@pytest.fixture(autouse=True)
def _talkative(settings):
    settings.CHAT_MESSAGES_PER_MINUTE = 10_000
    settings.CHAT_REPLIES_AT_ONCE = 0
    settings.CHAT_GATHER_SECONDS = 0.002


@pytest.fixture(scope="session", autouse=True)
def _database_for_threads(django_db_setup, django_db_blocker):
    """Let the thread that saves replies reach the database between tests, too."""
    django_db_blocker.unblock()


@pytest.fixture
def transactional_db(transactional_db):
    """Keep replies as a server does; end what a test has left running before its rows go."""
    scheduler.start()
    yield

    def is_quiet():
        for run in list(runs._writing.values()):
            run.call.close()
        for call in list(completions._calls):
            call.close()
        return engine.is_idle()

    wait_until(is_quiet, describe=lambda: thread_pool.pool().load)
    if engine.worker:
        engine.worker.start()


@pytest.fixture
def bob(ada):
    """Somebody else."""
    return make_user("bob")


@pytest.fixture
def bob_client(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def grow(ada_client, monkeypatch):
    """Ask, and let the reply begin when its page is open; return the reply and that page."""

    def grow(text="Hello", **headers):
        held = []
        with monkeypatch.context() as patch:
            patch.setattr(queue, "enqueue", lambda *about: held.append(about))
            reply = ask(ada_client, text)
        page = follow_page(ada_client, reply, **headers)
        queue.enqueue(*held[0])
        return reply, page

    return grow


@pytest.fixture
def media(tmp_path, settings):
    """A folder for the files of this test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def new_pool(transactional_db, monkeypatch, settings):
    """Return a function that gives the process another pool, as small as wanted."""

    def make(threads=64, queue_limit=256):
        if engine.worker:
            settings.CHAT_QUEUE_LIMIT = queue_limit
            engine.worker.start(threads)
        pool = thread_pool.FairPool(threads, queue_limit)
        monkeypatch.setattr(thread_pool, "_pool", pool)
        monkeypatch.setattr(thread_pool, "_side_pool", thread_pool.FairPool(4, queue_limit))
        return pool

    return make
