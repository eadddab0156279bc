"""The entry point of a worker: `celery --app site_config.worker worker`; see scripts/worker."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
django.setup()  # Before any import that needs the settings.

from apps.jobs.celery import app  # noqa: E402
from site_config import checks  # noqa: E402

checks.stop_if_unfit()

__all__ = ["app"]
