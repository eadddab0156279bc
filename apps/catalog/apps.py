from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "apps.catalog"
    verbose_name = _("Models of the AI service")

    def ready(self) -> None:
        from apps.catalog import listing
        from apps.jobs import scheduler
        from apps.server import lifecycle

        scheduler.every(listing.LOOK_SECONDS, listing.keep_up)
        lifecycle.on_start(listing.current)  # Asks the service, before anybody wants to know.
