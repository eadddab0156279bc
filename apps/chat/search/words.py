"""What counts as a word, and when two are the same: for the index of the search and for its marks.

Words are compared without case and without accents. Scripts that put no spaces between words are
taken apart into single characters, so that any part of a text can be found as a phrase.
PostgreSQL has the same rules in SQL, with these very classes of characters: a change of one needs
a change of the other, and an index that is made anew.
"""

import re
import unicodedata

MAX_CHARS = 100_000  # As much of a text can be found.
WORD_CHARS = 64  # Longer ones, of keys or pictures in base 64, are known by their beginning.

# Left out: accents, vowel points of Arabic and Hebrew, and what only guides the layout.
IGNORED = (
    r"\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    r"\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
)
# White space, punctuation and symbols.
SEPARATORS = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4"
    r"\u0609-\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u1361-\u1368\u1680\u2000-\u2bff"
    r"\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\ufe10-\ufe6f\ufff9-\uffff"
)
# Words by themselves: Thai, Lao, Tibetan, Burmese, Khmer, Chinese, Japanese, and emoji.
SINGLE = (
    r"\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u312f"
    r"\u3190-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff"
)

_IGNORED = re.compile(f"[{IGNORED}]+")
_WORD = re.compile(f"[{SINGLE}]|[^{SEPARATORS}{SINGLE}]+")
_IS_SINGLE = re.compile(f"[{SINGLE}]")


def fold(text: str) -> str:
    """Return the text without case, accents and differences of width."""
    if text.isascii():
        return text.lower()
    text = _IGNORED.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", text).lower().replace("ς", "σ")


def words(text: str) -> list[str]:
    """Return the words of the text, folded."""
    return [word[:WORD_CHARS] for word in _WORD.findall(fold(text[:MAX_CHARS]))]


def is_single(word: str) -> bool:
    """Tell whether this is a character of a script without spaces."""
    return bool(_IS_SINGLE.fullmatch(word))


def owned_words(owner: int, text: str) -> str:
    """Return the words of the text as they stand in the index: each with the person's id.

    So what a search costs depends on what this person has, not on what all people have.
    """
    return " ".join([f"{owner}x{word}" for word in words(text)])
