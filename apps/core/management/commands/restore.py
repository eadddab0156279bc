import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.db import backups
from apps.core.db.backups import BackupError


class Command(BaseCommand):
    help = "Put back what an archive of the backup command holds; stop Parlor first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="what the backup command wrote")
        parser.add_argument(
            "--replace", action="store_true", help="even if the database holds accounts"
        )
        parser.add_argument(
            "--verify", action="store_true", help="only read the archive, and tell what is in it"
        )
        parser.add_argument(
            "--force", action="store_true", help="in spite of what is warned of: see the message"
        )

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        archive = archive.absolute()
        try:
            if options["verify"]:
                self._verify(archive)
            else:
                self._restore(archive, options["replace"], options["force"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error

    def _verify(self, archive: Path) -> None:
        found = backups.verify(archive)
        sums = "" if found.has_sums else " It has no checksums of single files, being an old one."
        self.stdout.write(
            f"{archive} is whole: a database of {found.database}, {found.files:,} files,"
            f" {found.bytes:,} bytes.{sums}"
        )

    def _restore(self, archive: Path, replace: bool, force: bool) -> None:
        for warning in backups.warnings(os.geteuid()):
            if not force:
                raise CommandError(f"{warning} To do it all the same, add --force.")
            self.stderr.write(f"Warning: {warning}")
        if not replace and backups.holds_accounts():
            raise CommandError("The database holds accounts. To replace it all, add --replace.")
        found = backups.restore(archive)
        self.stdout.write(
            f"Restored, with {found.files:,} files. Now run: python manage.py migrate"
        )
