"""Django's own apps, set up for Parlor."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ParlorAdminConfig(AdminConfig):
    default_site = "apps.core.admin.ParlorAdminSite"


class ParlorStaticFilesConfig(StaticFilesConfig):
    # Scripts that packages bring along and no page of ours uses.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx", "account", "mfa"]
