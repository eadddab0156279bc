from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.backups import BackupError, back_up


class Command(BaseCommand):
    help = "Write the database and the files into one archive, while Parlor runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="where to, such as parlor.tar.gz")

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        try:
            back_up(archive.absolute())
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {archive}, {archive.stat().st_size:,} bytes.")
