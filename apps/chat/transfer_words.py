"""What a person is told of an export or an import, by the codes in its row."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from apps.chat.models import Transfer

ERRORS = {
    "broken": gettext_lazy("Something went wrong here. Try again; if it stays so, tell us."),
    "pango": gettext_lazy("This server cannot make PDF files: a library is missing."),
    "gone": gettext_lazy("The conversation was deleted."),
    "not_json": gettext_lazy("The file is neither JSON nor a ZIP file."),
    "cut_short": gettext_lazy("The file ends in the middle. Is it complete?"),
    "broken_zip": gettext_lazy("The ZIP file is damaged, or locked with a password."),
    "no_conversations": gettext_lazy("There is no conversation in this file."),
    "unpacked_too_large": gettext_lazy("Unpacked, the file is larger than this server takes."),
}
NOTES = {
    "unreadable": gettext_lazy("It cannot be read, or is too large."),
    "unknown": gettext_lazy("It is no conversation in a form that Parlor knows."),
    "newer": gettext_lazy("It was made by a newer Parlor."),
    "empty": gettext_lazy("It has no messages."),
    "too_many_messages": gettext_lazy("It has too many messages."),
}


def error_sentence(transfer: Transfer) -> str:
    return str(ERRORS[transfer.error]) if transfer.error in ERRORS else ""


def results(transfer: Transfer) -> list[str]:
    """Return what an import has brought, in sentences."""
    numbers = {note["code"]: note["n"] for note in transfer.report}
    found = []
    if n := numbers.get("imported", 0):
        found.append(
            ngettext("{n} conversation was imported.", "{n} conversations were imported.", n)
        )
        found[-1] = found[-1].format(n=number_format(n, force_grouping=True))
    if n := numbers.get("known", 0):
        known = ngettext("{n} was here already.", "{n} were here already.", n)
        found.append(known.format(n=number_format(n, force_grouping=True)))
    return found


def oddities(transfer: Transfer) -> Iterator[tuple[str, str]]:
    """Yield the titles of conversations with what was left out of each, and why."""
    for note in transfer.report:
        title = note["title"] or gettext("A conversation without a title")
        if note["code"] == "odd_parts":
            left_out = ngettext(
                "{n} message could not be read and was left out.",
                "{n} messages could not be read and were left out.",
                note["n"],
            )
            yield title, left_out.format(n=note["n"])
        elif note["code"] in NOTES:
            yield title, str(NOTES[note["code"]])
