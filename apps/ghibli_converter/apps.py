from django.apps import AppConfig


class GhibliConverterConfig(AppConfig):
    name = "apps.ghibli_converter"
