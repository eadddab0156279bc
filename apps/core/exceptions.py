"""What cannot be had now: told to the person in a sentence, with what they typed kept."""

from abc import ABC, abstractmethod


class Refused(Exception, ABC):
    """The request cannot be met now, through no fault in it."""

    status = 409
    retry_after: int | None = None  # Seconds, where they are known.

    @property
    @abstractmethod
    def sentence(self) -> str:
        """Say why, and when it will be possible, in the language of the page."""
