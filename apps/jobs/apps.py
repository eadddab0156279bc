from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "apps.jobs"

    def ready(self) -> None:
        from apps.jobs import engine, metrics

        metrics.register()
        if engine.is_shared():
            from apps.jobs import celery  # noqa: F401  # One that is not there is told at the start.
