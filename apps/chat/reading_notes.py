"""What is to be said of how a document was read: what was guessed, and what was not read.

Rows keep it as names with numbers, so that each reader finds it in their own language:

    encoding, is_guess        of a text that does not say in what encoding it is
    unreadable                characters that became U+FFFD
    empty_pages               pages of a PDF without text
    hidden_sheets, hidden_slides, uncomputed (formulas whose value is not in the file)
    pictures, charts, formulas, attached      what is in the document and was not read
    changes, macros, is_form, is_cut          whether there are such
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

_COUNTED: dict[str, Callable[[int], str]] = {
    "unreadable": lambda n: ngettext(
        "{n} character could not be read", "{n} characters could not be read", n
    ),
    "hidden_sheets": lambda n: ngettext(
        "{n} hidden sheet is included", "{n} hidden sheets are included", n
    ),
    "hidden_slides": lambda n: ngettext(
        "{n} hidden slide is included", "{n} hidden slides are included", n
    ),
    "uncomputed": lambda n: ngettext(
        "{n} formula has no value in the file", "{n} formulas have no value in the file", n
    ),
    "pictures": lambda n: ngettext(
        "{n} picture in it was not read", "{n} pictures in it were not read", n
    ),
    "charts": lambda n: ngettext("{n} chart was not read", "{n} charts were not read", n),
    "formulas": lambda n: ngettext("{n} formula was not read", "{n} formulas were not read", n),
    "attached": lambda n: ngettext(
        "{n} file attached to it was not read", "{n} files attached to it were not read", n
    ),
}
_STATED: dict[str, Callable[[], str]] = {
    "changes": lambda: gettext("of tracked changes only the final text was read"),
    "macros": lambda: gettext("its macros were not read"),
    "is_form": lambda: gettext("its form cannot be read"),
    "is_cut": lambda: gettext("only its beginning was read"),
}


def describe_reading(notes: Mapping[str, Any], pages_read: int) -> list[str]:
    """Return what is to be said, in the reader's language."""
    said = []
    if encoding := notes.get("encoding"):
        is_guess = notes.get("is_guess")
        sentence = gettext("read as {encoding}, which may be wrong")
        said.append(
            (sentence if is_guess else gettext("read as {encoding}")).format(encoding=encoding)
        )
    if empty := notes.get("empty_pages"):
        sentence = ngettext(
            "{empty} of {n} page holds no text: perhaps scanned",
            "{empty} of {n} pages hold no text: perhaps scanned",
            pages_read,
        )
        said.append(sentence.format(empty=empty, n=pages_read))
    for name, counted in _COUNTED.items():
        if number := notes.get(name):
            said.append(counted(number).format(n=number))
    return said + [stated() for name, stated in _STATED.items() if notes.get(name)]
