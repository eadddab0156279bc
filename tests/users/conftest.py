import pytest

from tests.factories import PASSWORD, make_user


@pytest.fixture(autouse=True)
def _pages(db, settings):
    settings.STORAGES = settings.STORAGES | {  # No files have been collected.
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def ada():
    return make_user("ada", email="ada@example.org")


@pytest.fixture
def as_ada(client, ada):
    """A client that has logged in as ada, and just now has said her password again."""
    client.post("/users/login/", {"username": "ada", "password": PASSWORD})
    client.post("/users/reauthenticate/", {"password": PASSWORD})
    return client
