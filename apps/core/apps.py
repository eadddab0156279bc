from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        # Not by admin/__init__.py, which is read while the site itself is being made.
        from apps.core.admin import model_quirks  # noqa: F401
        from apps.core.cache import redis_client
        from apps.core.db import statement_timeout
        from apps.core.monitoring import process_metrics, sentry
        from apps.server import lifecycle

        lifecycle.on_start(statement_timeout.compare_schema)
        sentry.start()
        process_metrics.register()
        if redis_client.is_wanted():
            redis_client.client()  # An address that cannot be one is told at the start.
