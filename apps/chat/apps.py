from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "apps.chat"

    def ready(self) -> None:
        from apps.chat import generation, keeping, summarising, titles
        from apps.core import lifecycle

        lifecycle.on_start(keeping.start_serving)
        lifecycle.on_stop(keeping.drain)
        generation.on_end(summarising.begin)
        generation.on_end(titles.begin)
