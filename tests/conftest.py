import gc
import os

import hypothesis
import pytest
from django.core.cache import cache, caches

from apps.catalog import listing
from apps.gateway import quirk_store
from apps.jobs import scheduler
from apps.users import announcements
from scripts.demo_openai import DemoServer
from tests import databases, engine, flushing
from tests.clock import clock, noon  # noqa: F401
from tests.live_server import ParlorServer

# The same examples each time; `--hypothesis-profile=default` looks for others.
hypothesis.settings.register_profile("tests", derandomize=True, deadline=None)
hypothesis.settings.load_profile("tests")

# The scheduler of this process leaves rows to the tests, and asks for no models behind their back.
scheduler.default.is_limited = lambda: True

MODELS = ("parlor-demo", "parlor-demo-mini", "parlor-demo-thinking")


# What leads to a database: the fixtures, and what a module imports that starts servers with one.
DATABASES = {"db", "transactional_db", "server", "shared_server"}
SERVERS = {"ParlorServer", "make_database"}


def pytest_collection_modifyitems(items):
    for item in items:
        if DATABASES & {*item.fixturenames} or SERVERS & vars(item.module).keys():
            item.add_marker(pytest.mark.database)
    for item in items if engine.IS_CELERY else ():
        if mark := item.get_closest_marker("threads"):
            item.add_marker(pytest.mark.skip(reason=mark.args[0]))


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory):
    """The folder that the processes of pytest-xdist share."""
    folder = tmp_path_factory.getbasetemp()
    ParlorServer.shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return ParlorServer.shared


@pytest.fixture(scope="session")
def django_db_modify_db_settings(_shared_folder, tmp_path_factory):
    """Copy the database of the tests from one that has its tables.

    It is a file for SQLite too: the threads that write replies cannot share one in memory.
    """
    from django.conf import settings

    database = databases.make_database(tmp_path_factory.mktemp("database"))
    database.copy_of(databases.template(_shared_folder))
    chosen = settings.DATABASES["default"]
    chosen.setdefault("TEST", {})["NAME"] = database.name
    if "sqlite" in chosen["ENGINE"]:
        chosen["OPTIONS"]["synchronous"] = "OFF"  # Rows of tests need not survive a power cut.


@pytest.fixture(scope="session")
def django_db_keepdb():
    return True  # The copy; it goes with its folder, or with its cluster.


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        flushing.make_cheap()


@pytest.fixture(scope="session", autouse=True)
def _engine():
    with engine.running():
        yield


@pytest.fixture(autouse=True)
def _fast_and_forgetful(settings, tmp_path_factory, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path_factory.getbasetemp() / "media")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.OPENAI_RETRY_SECONDS = (0.01, 0.02)
    monkeypatch.setattr(announcements, "MEMORY_SECONDS", 0)  # So that a page has its queries.
    settings.CHAT_MODELS = list(MODELS)  # Else pages ask the service, behind the test's back.
    yield
    cache.clear()  # It counts log-ins.
    caches["local"].clear()
    listing.forget()


@pytest.fixture(scope="session")
def _demo_server():
    with DemoServer(scale=0.01) as demo:
        yield demo


@pytest.fixture
def demo(_demo_server, settings):
    """The demo model as the AI service of the tests in this process."""
    _demo_server.fault = None
    _demo_server.pace = 0.0
    _demo_server.clear()
    settings.OPENAI_BASE_URL = _demo_server.base_url
    settings.OPENAI_API_KEY = "sk-test-0123456789"
    settings.CHAT_DEFAULT_MODEL = "parlor-demo"
    quirk_store.forget()  # A fault of the test before is none of this service.
    scheduler.start()
    return _demo_server


@pytest.fixture
def ada(transactional_db):
    """A person; her rows are committed, so that threads see them."""
    from tests.factories import make_user

    return make_user("ada")


@pytest.fixture
def ada_client(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def server(tmp_path):
    """Parlor under gunicorn, with a database and a demo model of its own."""
    with ParlorServer(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """One such server for the tests that do no harm to it."""
    with ParlorServer(tmp_path_factory.mktemp("server"), pace=0.02) as server:
        yield server


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop.


@pytest.fixture(scope="module")
def frozen():
    """Have what there is not looked through for garbage in the time that is measured.

    The more tests have run, the longer it takes; a server does so as well (gunicorn.py).
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
