from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "apps.jobs"

    def ready(self) -> None:
        from apps.core.monitoring.metrics import note_own
        from apps.jobs import housekeeping, metrics, queue, scheduler
        from apps.server import lifecycle

        metrics.register()
        scheduler.every(scheduler.heartbeat, note_own, while_stopping=True)
        scheduler.every(scheduler.heartbeat, queue.heartbeat, while_stopping=True)
        lifecycle.on_start(scheduler.start)
        lifecycle.on_stop(housekeeping.close)
        queue.current()  # One that is not there is told at the start.
