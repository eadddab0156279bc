"""What a person is told of an export or an import, by the codes in its row."""

from collections.abc import Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

from apps.chat.models import Transfer
from apps.chat.transfers.progress import OTHERS

ERRORS = {
    "broken": gettext_lazy("Something went wrong here. Try again; if it stays so, tell us."),
    "pango": gettext_lazy("This server cannot make PDF files: a library is missing."),
    "gone": gettext_lazy("The conversation was deleted."),
    "not_json": gettext_lazy("The file is neither JSON nor a ZIP file."),
    "cut_short": gettext_lazy("The file ends in the middle. Is it complete?"),
    "broken_zip": gettext_lazy("The ZIP file is damaged, or locked with a password."),
    "no_conversations": gettext_lazy("There is no conversation in this file."),
    "text_full": gettext_lazy(
        "There is no room for more text. What fitted is imported. Delete conversations, and empty"
        " the trash, then import the file again."
    ),
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
    if transfer.state == Transfer.State.DONE and transfer.is_import and not found:
        found.append(gettext("No conversation was imported."))
    if n := numbers.get("hidden", 0):
        hidden = ngettext(
            "{n} message that the service itself hides was left out.",
            "{n} messages that the service itself hides were left out.",
            n,
        )
        found.append(hidden.format(n=number_format(n, force_grouping=True)))
    return found


def oddities(transfer: Transfer) -> Iterator[tuple[str, str]]:
    """Yield the titles of conversations with what was left out of them, and why."""
    for note in transfer.report:
        title = note["title"] or gettext("A conversation without a title")
        if note["title"] == OTHERS:
            title = gettext("Other conversations")
        if note["code"] == "left_out":
            yield _titles(note), _left_out(note)
        elif note["code"] == "unused_files":
            yield gettext("Files"), _counted(note)
        elif note["code"] in COUNTED:
            yield title, _counted(note)
        elif note["code"] in NOTES:
            yield title, str(NOTES[note["code"]])


COUNTED = {
    "odd_parts": ngettext_lazy(
        "{n} message could not be read and was left out.",
        "{n} messages could not be read and were left out.",
        "n",
    ),
    "absent": ngettext_lazy(
        "{n} file or picture is not in the export; words stand in its place.",
        "{n} files or pictures are not in the export; words stand in their place.",
        "n",
    ),
    "refused_file": ngettext_lazy(
        "{n} file was not taken: {reason}", "{n} files were not taken: {reason}", "n"
    ),
    "unused_files": ngettext_lazy(
        "{n} file belongs to no message and was left out.",
        "{n} files belong to no message and were left out.",
        "n",
    ),
}


def _counted(note: dict[str, Any]) -> str:
    n = note["n"]
    sentence = str(COUNTED[note["code"]] % {"n": n})
    number = number_format(n, force_grouping=True)
    return sentence.format(n=number, reason=note.get("reason", ""))


def _titles(note: dict[str, Any]) -> str:
    """Return the titles of the conversations of which it was left out, or of some of them."""
    titles = list(note.get("titles", []))
    if more := note.get("more", 0):
        titles.append(ngettext("{n} more", "{n} more", more).format(n=more))
    return " · ".join(titles) or gettext("Files")


def _left_out(note: dict[str, Any]) -> str:
    n = note["n"]
    sentence = ngettext(
        "{n} part of kind {kind} left out.", "{n} parts of kind {kind} left out.", n
    )
    return sentence.format(n=number_format(n, force_grouping=True), kind=note["reason"])
