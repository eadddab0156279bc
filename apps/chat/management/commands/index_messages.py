from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from apps.chat.search import services as search


class Command(BaseCommand):
    help = "Make the index of the search anew from all titles and messages."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            search.make_index_anew()
