from django.core.management.base import BaseCommand

from apps.chat.usage import records


class Command(BaseCommand):
    help = "Remove the records of usage that are older than USAGE_RETENTION_DAYS."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{records.prune()} usage records removed.")
