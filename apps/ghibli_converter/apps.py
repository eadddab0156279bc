from django.apps import AppConfig


class GhibliConverterConfig(AppConfig):
    name = "apps.ghibli_converter"

    def ready(self) -> None:
        from apps.core.files import quota
        from apps.ghibli_converter import services as ghibli_converter

        quota.count_by(ghibli_converter.bytes_of)
