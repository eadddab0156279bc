"""The secrets of two steps at rest."""

import importlib
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    validate_totp_code,
)
from django.apps import apps
from django.test import Client

from apps.users.login import encryption
from tests.factories import PASSWORD

OTHER_KEY = "another key, and as long as a key has to be: " + "key " * 5
migration = importlib.import_module("apps.users.migrations.0005_encrypt_second_steps")


@pytest.fixture
def secret():
    return generate_totp_secret()


@pytest.fixture
def totp(ada, secret):
    """The row of ada's app as code of before has written it."""
    return Authenticator.objects.create(user=ada, type="totp", data={"secret": secret})


def stored(row):
    row.refresh_from_db()
    return row.data["secret"]


def log_in(secret):
    client = Client()
    client.post("/users/login/", {"username": "ada", "password": PASSWORD})
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return client.post("/users/mfa/authenticate/", {"code": code})


@pytest.mark.row("O-158")
@pytest.mark.any_engine
def test_the_migration_encrypts_what_there_is_and_can_be_undone(ada, totp, secret):
    codes = Authenticator.objects.create(
        user=ada, type="recovery_codes", data={"seed": "5eed", "used_mask": 1}
    )
    migration.encrypt(apps, None)
    assert secret not in str(list(Authenticator.objects.values_list("data")))
    codes.refresh_from_db()
    assert encryption.decrypt(codes.data["seed"]) == "5eed"
    assert codes.data["used_mask"] == 1
    migration.decrypt(apps, None)
    assert stored(totp) == secret


@pytest.mark.row("O-158")
@pytest.mark.any_engine
def test_both_log_in_what_is_encrypted_and_what_code_of_before_has_stored(totp, secret):
    assert log_in(secret)["Location"] == "/chat/"
    encryption.encrypt_stored()
    assert secret not in stored(totp)
    assert log_in(secret).status_code == 422  # It has just been used.
    assert totp.wrap().validate_code("no code") is False


@pytest.mark.row("O-158")
@pytest.mark.any_engine
def test_an_encrypted_secret_logs_in(totp, secret):
    encryption.encrypt_stored()
    assert log_in(secret)["Location"] == "/chat/"


@pytest.mark.row("O-158")
@pytest.mark.any_engine
def test_code_of_before_finds_codes_wrong_and_does_not_fail(totp, secret):
    encryption.encrypt_stored()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert validate_totp_code(stored(totp), code) is False  # It takes what is stored as it is.


@pytest.mark.row("O-158")
@pytest.mark.any_engine
def test_another_key_reads_what_an_earlier_one_wrote_and_encrypts_it_anew(totp, secret, settings):
    encryption.encrypt_stored()
    before = stored(totp)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER_KEY, [settings.SECRET_KEY]
    assert encryption.decrypt(before) == secret
    assert encryption.encrypt_stored() == 1
    assert encryption.encrypt_stored() == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert encryption.decrypt(stored(totp)) == secret


@pytest.mark.row("O-158")
@pytest.mark.any_engine
def test_without_the_key_codes_are_wrong_and_the_log_says_why(totp, secret, settings, caplog):
    encryption.encrypt_stored()
    before = stored(totp)
    settings.SECRET_KEY = OTHER_KEY
    assert log_in(secret).status_code == 422
    assert "SECRET_KEY has changed" in caplog.text
    assert encryption.encrypt_stored() == 0
    assert stored(totp) == before
