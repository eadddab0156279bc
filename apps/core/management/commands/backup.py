from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.core.db.backup_rotation import new_name, thin_out
from apps.core.db.backups import BackupError, back_up, verify


class Command(BaseCommand):
    help = "Write the database and the files into one archive, while Parlor runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "archive", type=Path, help="where to, such as parlor.tar.gz; in a folder, a dated name"
        )
        parser.add_argument("--verify", action="store_true", help="read it back when it is written")
        parser.add_argument(
            "--thin",
            action="store_true",
            help="of the folder, keep the last 7 days, 5 weeks and 12 months only",
        )

    def handle(self, *args: Any, archive: Path, thin: bool = False, **options: Any) -> None:
        folder = archive.absolute()
        if thin and not folder.is_dir():
            raise CommandError(f"--thin is for a folder of backups; {archive} is none.")
        target = folder / new_name(timezone.now()) if folder.is_dir() else folder
        try:
            count = back_up(target)
            if options["verify"]:
                verify(target)
            gone = thin_out(folder) if thin else []
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {target}: {count:,} files, {target.stat().st_size:,} bytes.")
        for path in gone:
            self.stdout.write(f"Removed {path}.")
