from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "apps.chat"

    def ready(self) -> None:
        from apps.chat import generation
        from apps.core import lifecycle

        lifecycle.on_start(generation.start_keeping)
        lifecycle.on_stop(generation.drain)
