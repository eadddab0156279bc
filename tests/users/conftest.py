import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache

from apps.users.models import User

PASSWORD = "korrekt-horse-9"


@pytest.fixture(autouse=True)
def _quick_and_clean(settings, db):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    cache.clear()


@pytest.fixture
def ada():
    return User.objects.create(
        username="ada", email="ada@example.org", password=make_password(PASSWORD)
    )


@pytest.fixture
def as_ada(client, ada):
    """A client that has logged in as ada, and just now has said her password again."""
    client.post("/users/login/", {"username": "ada", "password": PASSWORD})
    client.post("/users/reauthenticate/", {"password": PASSWORD})
    return client
