from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "apps.gateway"

    def ready(self) -> None:
        from apps.gateway import call
        from apps.server import open_files

        open_files.count_by(call.open_calls)
