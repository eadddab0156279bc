"""Django's own apps, set up for Parlor."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core import checks

from site_config.checks import TAG, check_settings


class ParlorAdminConfig(AdminConfig):
    default_site = "apps.core.admin.site.ParlorAdminSite"

    def ready(self) -> None:
        super().ready()
        checks.register(check_settings, TAG)


class ParlorStaticFilesConfig(StaticFilesConfig):
    # Scripts that packages bring along and no page of ours uses.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx", "account", "mfa"]
