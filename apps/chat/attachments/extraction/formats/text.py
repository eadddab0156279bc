"""Text files in an encoding that has to be found out."""

from apps.chat.attachments.extraction.encodings import guess_encoding
from apps.chat.attachments.extraction.results import Extract, Limits, Unreadable


def read(data: bytes, limits: Limits) -> Extract:
    """Return the whole text: it is stored, and no longer than the file."""
    guess = guess_encoding(data)
    if guess is None:
        raise Unreadable("binary")
    notes = {
        "encoding": guess.encoding,
        "is_guess": not guess.is_sure,
        "unreadable": guess.unreadable,
    }
    return Extract(guess.text, notes)
