"""A person's language and time zone, for what is made for them in another thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo

from django.utils import timezone, translation


@dataclass(frozen=True, slots=True)
class Locale:
    """What a request activates in its own thread alone."""

    language: str
    zone: tzinfo

    @classmethod
    def current(cls) -> "Locale":
        return cls(translation.get_language(), timezone.get_current_timezone())

    @contextmanager
    def activated(self) -> Iterator[None]:
        with translation.override(self.language), timezone.override(self.zone):
            yield
