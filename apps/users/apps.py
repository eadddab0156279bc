from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "apps.users"

    def ready(self) -> None:
        from apps.jobs import scheduler
        from apps.users.login import encryption, sessions

        scheduler.every(scheduler.DAY, sessions.prune)
        scheduler.every(scheduler.DAY, encryption.encrypt_stored)
