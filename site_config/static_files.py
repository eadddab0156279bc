"""Static files as they are collected: a style sheet holds those that it imports."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)


class StyleSheetStorage(FileSystemStorage):
    """Put style sheets in the place of their imports, each of which would cost a request.

    In development browsers load the imports themselves, with the same result.
    """

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        sheet = Path(self.path(name))
        if not _imported_by(sheet):
            return super()._open(name, mode)  # type: ignore[misc,no-any-return]
        joined = IMPORT.sub(lambda found: _text(sheet.with_name(found[1])), _text(sheet))
        return ContentFile(joined.encode(), name)

    def get_modified_time(self, name: str) -> datetime:
        """Return when the file, or one that it imports, was changed last."""
        changed_at = super().get_modified_time
        imported = _imported_by(Path(self.path(name)))
        return max(changed_at(str(each)) for each in (name, *imported))


class StaticFilesFinder(FileSystemFinder):
    """Find the files of STATICFILES_DIRS, and give them by the storage above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storages = {root: StyleSheetStorage(location=root) for root in self.storages}


def _imported_by(file: Path) -> list[Path]:
    if file.suffix != ".css":
        return []
    return [file.with_name(name) for name in IMPORT.findall(_text(file))]


def _text(sheet: Path) -> str:
    return sheet.read_text(encoding="utf-8")
