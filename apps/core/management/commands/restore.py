from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.backups import BackupError, holds_accounts, restore


class Command(BaseCommand):
    help = "Put back what an archive of the backup command holds; stop Parlor first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="what the backup command wrote")
        parser.add_argument(
            "--replace", action="store_true", help="even if the database holds accounts"
        )

    def handle(self, *args: Any, archive: Path, replace: bool, **options: Any) -> None:
        if holds_accounts() and not replace:
            raise CommandError("The database holds accounts. To replace it all, add --replace.")
        try:
            restore(archive.absolute())
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Restored. Now run: python manage.py migrate")
