"""How much the files of one person may take: whichever app keeps some counts its own."""

from collections.abc import Callable

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from apps.core.exceptions import Refused

Count = Callable[[int], int]

_counts: list[Count] = []


class StorageFull(Refused):
    """The person's files take up as much as they may."""

    def __init__(self, used: int) -> None:
        super().__init__()
        self.used = used  # Bytes.

    @property
    def sentence(self) -> str:
        sentence = gettext(
            "Your files and pictures take up {used} of {limit}."
            " Delete pictures, or conversations with files, for good."
        )
        limit = filesizeformat(settings.STORAGE_PER_PERSON)
        return sentence.format(used=filesizeformat(self.used), limit=limit)


def count_by(count: Count) -> None:
    """Have the function count, too: by a person's id, in bytes, each stored file once."""
    _counts.append(count)


def check(user_id: int, more: int = 0) -> None:
    """Raise StorageFull where nothing is left for the person, or less than so many bytes more."""
    if not settings.STORAGE_PER_PERSON:
        return
    used = sum(count(user_id) for count in _counts)
    if used >= settings.STORAGE_PER_PERSON or used + more > settings.STORAGE_PER_PERSON:
        raise StorageFull(used)
