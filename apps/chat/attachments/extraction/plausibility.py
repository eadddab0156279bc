"""How odd a decoded text looks: letters that no language has together, cases in wrong places.

A text that is read in a wrong encoding becomes such a one: words of two scripts, capitals behind
small letters, signs within words, rare ideographs. The measure is about 0 for what somebody may
have written and about 1 for each wrong character.
"""

import re
import unicodedata
from functools import lru_cache

from apps.chat.attachments.extraction.alphabets import count_foreign

_TYPOGRAPHY = frozenset("’‘“”„‚–—…«»‹›°§€£²³½·•№©®™ºª´\xa0")
_WITHIN_WORDS = frozenset("’–—·")
_WIDE_PUNCTUATION = frozenset("、。，．：；？！「」『』（）【】〈〉《》“”‘’…—～·・\u3000￥〜ー")
_KANA = re.compile("[\u3041-\u30ff]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_WORDS_WITH_VOWELS = re.compile("[\u0370-\u04ff]{3,}")
_VOWELS = frozenset("аеиоуыэюяёіїєѝћр" + "αεηιουωάέήίόύώϊϋ")

# The two-byte sets list first what is common: the codec, and the leading bytes of that half.
_COMMON = {
    "zh-Hans": ("gb2312", 0xB0, 0xD7),
    "zh-Hant": ("big5", 0xA4, 0xC6),
    "ja": ("euc_jp", 0xB0, 0xCF),
}
LANGUAGES = {"zh-Hans", "zh-Hant", "ja", "ko"}


def measure_alphabetic(text: str) -> float:
    """Return how odd a text in an alphabet is, in all."""
    places = [index for index, character in enumerate(text) if character > "\x7f"]
    letters = [text[index] for index in places if text[index] not in _TYPOGRAPHY]
    odd = count_foreign(letters) + 0.02 * (len(places) - len(letters))
    for word in _WORDS_WITH_VOWELS.findall(text):
        if not _VOWELS & set(word.lower()):
            odd += 0.4 * len(word)
    return odd + sum(
        _alphabetic(text[index - 1 : index], *text[index : index + 2]) for index in places
    )


def measure_ideographic(text: str, languages: set[str]) -> float:
    """Return how odd a Chinese, Japanese or Korean text is, in all."""
    odd = 0.0
    for index, character in enumerate(text):
        if character <= "\x7f":
            continue
        odd += min(_ideographic(character, language) for language in languages)
        if character.isalpha():
            sides = text[index - 1 : index], text[index + 1 : index + 2]
            odd += 0.4 * sum(side.isascii() and side.islower() for side in sides)
    return odd


def has_kana(text: str) -> bool:
    """Return whether much of the text is in the syllables that only Japanese has."""
    return len(_KANA.findall(text)) > 0.3 * sum(character > "\x7f" for character in text)


def _alphabetic(before: str, character: str, after: str = "") -> float:
    in_a_word = before.isalpha() and after.isalpha()
    if character in _TYPOGRAPHY:
        return float(in_a_word and character not in _WITHIN_WORDS)
    if unicodedata.category(character) in ("Cc", "Co", "Cn"):
        return 2.0
    if not character.isalpha():
        return 0.0
    odd = 0.5 * sum(
        each.isalpha() and _script(each) != _script(character) for each in before + after
    )
    if character.isupper() and before.islower():
        odd += 0.7
    if character.islower() and after.isupper() and not before.isalpha():
        odd += 0.7
    return odd


@lru_cache(maxsize=8192)
def _ideographic(character: str, language: str) -> float:
    script = _script(character)
    if character in _WIDE_PUNCTUATION:
        return 0.0
    if script == "CJK":
        return _rareness(character, language)
    if script == "HANGUL":
        if language != "ko":
            return 1.0
        return 0.0 if len(character.encode("euc_kr", "ignore")) == 2 else 0.8
    if _KANA.match(character):
        return 0.0 if language == "ja" else 1.0
    if _HALF_KANA.match(character):
        return 0.3 if language == "ja" else 1.0  # Bytes of Thai and Cyrillic look so.
    if script == "FULLWIDTH" or unicodedata.east_asian_width(character) in "FW":
        return 0.4
    return 0.9


def _rareness(character: str, language: str) -> float:
    if language not in _COMMON:
        return 0.9
    codec, first, last = _COMMON[language]
    code = character.encode(codec, "ignore")
    if not code:
        return 1.0
    return 0.0 if len(code) == 2 and first <= code[0] <= last else 0.7


@lru_cache(maxsize=8192)
def _script(character: str) -> str:
    return unicodedata.name(character, "?").split()[0]
