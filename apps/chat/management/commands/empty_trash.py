from typing import Any

from django.core.management.base import BaseCommand

from apps.chat.conversations import trash
from apps.ghibli_converter import recovery


class Command(BaseCommand):
    help = "Delete for good what has been in the trash for TRASH_DAYS; a server does it by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Conversations deleted for good: {trash.remove_due()}")
        self.stdout.write(f"Pictures deleted for good: {recovery.remove_due()}")
