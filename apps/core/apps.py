from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        from apps.core import redis_client

        if redis_client.is_wanted():
            redis_client.client()  # An address that cannot be one is told at the start.
