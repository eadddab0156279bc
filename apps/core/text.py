import re
from pathlib import PurePath

import regex

# C0 controls but tab, LF and CR: PostgreSQL refuses NUL, terminals obey the rest.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_DIRTY = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")

# Line ends and other controls, and what makes a name read backwards.
_CLUSTERS = regex.compile(r"\X")
_LONGEST_CLUSTER = 400  # Characters; what is longer was made to be, and may be cut anywhere.
_UNFIT_FOR_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def clean_text(text: str) -> str:
    """Return the text as it may be stored and sent.

    Control characters but tab go, CRLF and CR become LF, split surrogates are joined, lone
    ones become U+FFFD.
    """
    if not _DIRTY.search(text):
        return text
    text = _CONTROLS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def one_line(text: str) -> str:
    """Return the text in one line, whatever its reader takes for the end of one."""
    return " ".join(text.split())


def read_number(text: str) -> int:
    """Return the number that a client has sent, or 0 for what cannot be one of ours."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def clean_name(name: str, most_chars: int) -> str:
    """Return the name of a file as it may be shown, its suffix kept; "" where nothing is left."""
    name = _UNFIT_FOR_NAMES.sub(" ", clean_text(name)).strip()
    if len(name) <= most_chars:
        return name
    suffix = PurePath(name).suffix[:20]
    return shortened(name.removesuffix(suffix), most_chars - len(suffix)) + suffix


def shortened(text: str, most_chars: int) -> str:
    """Return the text, or its beginning and an ellipsis in at most so many characters.

    It is cut between what readers see as characters (grapheme clusters, UAX #29): not within an
    emoji of several, nor between a letter and its accent.
    """
    if len(text) <= most_chars:
        return text
    return f"{text[: boundary(text, most_chars - 1)].rstrip()}…"


def boundary(text: str, end: int) -> int:
    """Return the last place up to `end` where the text may be cut; `end` if there is none."""
    last = 0
    for cluster in _CLUSTERS.finditer(text, max(0, end - _LONGEST_CLUSTER), end + 1):
        if cluster.end() <= end:
            last = cluster.end()
    return last or end


class TextCleaner:
    """Clean a text that arrives in pieces, to the same result as cleaning it whole."""

    def __init__(self) -> None:
        self._half = ""  # A high surrogate that waits for its other half.
        self._after_cr = False

    def feed(self, piece: str) -> str:
        if not (self._half or self._after_cr) and not _DIRTY.search(piece):
            return piece
        piece = self._half + _CONTROLS.sub("", piece)
        self._half = ""
        if self._after_cr and piece.startswith("\n"):
            self._after_cr = False
            piece = piece[1:]
        if piece and "\ud800" <= piece[-1] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        if piece:
            self._after_cr = piece[-1] == "\r"
        return clean_text(piece)

    def flush(self) -> str:
        """Return what was kept back, when the text has ended."""
        half, self._half = self._half, ""
        return clean_text(half)


class Trimmer:
    """Take the blanks off both ends of a text that arrives in pieces."""

    def __init__(self) -> None:
        self._blanks: str | None = None  # Held back; None before the first word.

    def feed(self, text: str) -> str:
        words = text.rstrip()
        if not words:
            self._blanks = None if self._blanks is None else self._blanks + text
            return ""
        before = self._blanks
        self._blanks = text[len(words) :]
        return words.lstrip() if before is None else before + words
