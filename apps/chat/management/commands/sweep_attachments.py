from django.core.management.base import BaseCommand

from apps.chat.attachments import services as attachments


class Command(BaseCommand):
    help = "Remove attached files that were not sent within a day, and files that no row names."

    def handle(self, *args: object, **options: object) -> None:
        attachments.sweep()
