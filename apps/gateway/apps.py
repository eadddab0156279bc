import threading

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "apps.gateway"

    def ready(self) -> None:
        from apps.gateway import call
        from apps.server import lifecycle, open_files

        open_files.count_by(call.open_calls)
        lifecycle.on_start(_warm_up)


def _warm_up() -> None:
    from apps.gateway import client

    threading.Thread(target=client.warm_up, name="warm-up", daemon=True).start()
