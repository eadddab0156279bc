from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.users import invitations


class Command(BaseCommand):
    help = "Make an invitation, and print its link: one account can be made with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("note", nargs="?", default="", help="for whom it is")

    def handle(self, *args: object, **options: Any) -> None:
        invitation = invitations.invite(options["note"][:200])
        host = next(iter(settings.ALLOWED_HOSTS), "localhost")
        site = f"{'https' if settings.HTTPS else 'http'}://{host}"
        self.stdout.write(f"{site}{invitations.path_of(invitation)}")
