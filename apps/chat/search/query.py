"""What a person searches for."""

import re
from dataclasses import dataclass

from apps.chat.search.words import is_single, words

MAX_CHARS = 200  # Of a query; what comes after is not looked for.
MAX_PHRASES = 12
PREFIX_CHARS = 2  # The beginning of a word finds the word, from this length on.

_PART = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; a text has to hold all phrases of a query."""

    words: tuple[str, ...]
    is_prefix: bool = False  # The last word may go on.


def parse_query(text: str) -> list[Phrase]:
    """Return the phrases of the query: one a word, or what stands in quotation marks.

    Every text is a query: what is no word is left out, and nothing is an operator.
    """
    phrases: dict[Phrase, None] = {}  # A set that keeps its order.
    for quoted, bare in _PART.findall(text[:MAX_CHARS]):
        if found := tuple(words(quoted or bare)):
            last = found[-1]
            is_prefix = bool(bare) and len(last) >= PREFIX_CHARS and not is_single(last)
            phrases[Phrase(found, is_prefix)] = None
    return list(phrases)[:MAX_PHRASES]
