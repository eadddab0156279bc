from django.apps import AppConfig


class GhibliConverterConfig(AppConfig):
    name = "apps.ghibli_converter"

    def ready(self) -> None:
        from apps.core.files import quota
        from apps.ghibli_converter import recovery
        from apps.ghibli_converter import services as ghibli_converter
        from apps.jobs import scheduler

        quota.count_by(ghibli_converter.bytes_of)
        scheduler.every(scheduler.HOUR, recovery.tidy, slow=True)
