"""What can be checked of the settings only once Django is set up, for `check` and at the start."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, storages

from site_config import environment

TAG = "settings"


def check_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Refuse what commands may run with, but no server."""
    lines = [*environment.weaknesses(environment.read()), *_storage_faults()]
    return [checks.Error(line, id="settings.E001") for line in lines]


def _storage_faults() -> list[str]:
    try:
        _ = storages["default"]
    except (InvalidStorageError, ImproperlyConfigured, TypeError, ValueError) as error:
        return [f"MEDIA_STORAGE cannot be used with MEDIA_STORAGE_OPTIONS: {error}."]
    return []


def stop_if_unfit() -> None:
    """End the process, which is to serve, with a line for each fault if there are any."""
    if found := checks.run_checks(tags=[TAG]):
        environment.stop([str(message.msg) for message in found])
