"""The place in a text where a search has found something, with the words marked."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from apps.chat.search.query import Phrase
from apps.chat.search.words import IGNORED, SEPARATORS, SINGLE, fold, is_single
from apps.core.text import boundary

BEFORE_CHARS = 60  # Shown before the first word that was found,
EXCERPT_CHARS = 240  # and of the text in all.

_LETTER = rf"[^{SEPARATORS}{SINGLE}]"
# Markdown's signs at the edges of words, without which an excerpt reads better.
_SIGNS = re.compile(r"(?:(?<=\s)|^)[#>*_`|~-]+|[*_`|~]+(?=[\s.,;:!?)]|$)")


class Piece(NamedTuple):
    text: str
    is_marked: bool


class _Folded(dict[int, int]):
    """Fold a character to one character, so that every place in a text stays where it is."""

    def __missing__(self, code: int) -> int:
        folded = fold(chr(code))
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_folded = _Folded()


def excerpt(text: str, phrases: list[Phrase]) -> list[Piece]:
    """Return the part of the text where the first phrase stands, in pieces."""
    text = unicodedata.normalize("NFC", text)
    pattern = _pattern(phrases)
    found = pattern.search(text.translate(_folded))
    start = _start(text, found.start() if found else 0)
    end = boundary(text, min(start + EXCERPT_CHARS, len(text)))
    part = text[start:end]
    part = " ".join(_SIGNS.sub("", part).split())
    before = "…" if start else ""
    after = "…" if end < len(text) else ""
    return list(_pieces(before + part + after, pattern))


def marked(text: str, phrases: list[Phrase]) -> list[Piece]:
    """Return all of the text in pieces."""
    return list(_pieces(unicodedata.normalize("NFC", text), _pattern(phrases)))


def _start(text: str, place: int) -> int:
    """Return where an excerpt begins that shows this place: at a word, if there are any."""
    start = max(0, place - BEFORE_CHARS)
    if not start:
        return 0
    space = text.find(" ", start, place)
    return boundary(text, start) if space < 0 else space + 1


def _pieces(text: str, pattern: re.Pattern[str]) -> Iterator[Piece]:
    end = 0
    for found in pattern.finditer(text.translate(_folded)):
        if found.start() > end:
            yield Piece(text[end : found.start()], is_marked=False)
        end = found.end()
        yield Piece(text[found.start() : end], is_marked=True)
    if end < len(text):
        yield Piece(text[end:], is_marked=False)


def _pattern(phrases: list[Phrase]) -> re.Pattern[str]:
    return re.compile("|".join(_phrase_pattern(phrase) for phrase in phrases))


def _phrase_pattern(phrase: Phrase) -> str:
    between = rf"[{SEPARATORS}{IGNORED}]*"
    pattern = between.join(
        rf"[{IGNORED}]*".join(re.escape(letter) for letter in word) for word in phrase.words
    )
    if not is_single(phrase.words[0]):
        pattern = rf"(?<!{_LETTER}){pattern}"
    if phrase.is_prefix:
        return rf"{pattern}{_LETTER}*"
    if not is_single(phrase.words[-1]):
        return rf"{pattern}(?!{_LETTER})"
    return pattern
