"""The words for a picture where only words can be: in a reply's text, in searches, in files."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Protocol, TypeVar

from apps.core.text import clean_name, shortened

DESCRIPTION_CHARS = 100
PICTURE = "picture"  # What one is called that nobody has described.

_MARKUP = re.compile(r"[\[\]\\|`*<>~$\s]+")  # It would be read as Markdown.


class File(Protocol):
    """An attachment, as far as it matters here."""

    @property
    def stand_in(self) -> str: ...

    @property
    def is_picture(self) -> bool: ...


AnyFile = TypeVar("AnyFile", bound=File)


def description_of(words: str) -> str:
    """Return the description as it may stand in Markdown and in a name; never empty."""
    words = shortened(clean_name(_MARKUP.sub(" ", words), 1000).strip(), DESCRIPTION_CHARS)
    return words or PICTURE


def stand_in(description: str) -> str:
    """Return what stands for a picture in the text of the reply that it belongs to."""
    return f"[{PICTURE}]" if description == PICTURE else f"[{PICTURE}: {description}]"


def files_apart(content: str, files: Iterable[AnyFile]) -> list[AnyFile]:
    """Return the files of a reply for which nothing stands in its text."""
    stood: Counter[str] = Counter()
    apart = []
    for file in files:
        stood[file.stand_in] += 1
        if not file.is_picture or content.count(file.stand_in) < stood[file.stand_in]:
            apart.append(file)
    return apart
