"""The encoding of a text that says nothing about it: one of those that browsers know.

chardet knows how often the letters of each language follow each other, and is right about long
texts. What is as short as a line of a table is decided by how odd it looks in each encoding.
"""

import math
import re
import warnings
from dataclasses import dataclass

from apps.chat.attachments.extraction.decoding import LETTERS_UTF8
from apps.chat.attachments.extraction.plausibility import (
    LANGUAGES,
    has_kana,
    measure_alphabetic,
    measure_ideographic,
)


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str  # In the Encoding Standard of the WHATWG.
    codec: str
    weight: float = 1.0  # How often it is met, where nothing else decides.
    languages: frozenset[str] = frozenset()  # Of ideographs.


@dataclass(frozen=True, slots=True)
class Guess:
    text: str
    encoding: str
    is_sure: bool
    unreadable: int  # Characters.


ENCODINGS = (
    Encoding("GB18030", "gb18030", languages=frozenset({"zh-Hans"})),
    Encoding("Big5", "big5hkscs", languages=frozenset({"zh-Hant"})),
    Encoding("EUC-JP", "euc_jp", languages=frozenset({"ja"})),
    Encoding("Shift_JIS", "cp932", languages=frozenset({"ja"})),
    Encoding("EUC-KR", "cp949", languages=frozenset({"ko"})),
    Encoding("UTF-16LE", "utf_16_le", 0.3, languages=frozenset(LANGUAGES)),
    Encoding("UTF-16BE", "utf_16_be", 0.3, languages=frozenset(LANGUAGES)),
    Encoding("windows-1252", "cp1252", 1.1),
    *(Encoding(f"windows-{page}", f"cp{page}") for page in (1250, 1251, *range(1253, 1259))),
    Encoding("windows-874", "cp874"),
    *(Encoding(f"ISO-8859-{part}", f"iso8859-{part}") for part in (2, 6, 7, 8)),
    *(Encoding(f"ISO-8859-{part}", f"iso8859-{part}", 0.7) for part in (5, 13, 15, 16)),
    *(Encoding(f"ISO-8859-{part}", f"iso8859-{part}", 0.3) for part in (3, 4, 10, 14)),
    Encoding("KOI8-R", "koi8-r"),
    Encoding("KOI8-U", "koi8-u"),
    Encoding("IBM866", "cp866", 0.5),
    Encoding("macintosh", "mac-roman", 0.5),
    Encoding("x-mac-cyrillic", "mac-cyrillic", 0.5),
)
# chardet's names, where they are others; None where it is not asked.
_ASKED = {"euc_jp": "euc_jis_2004", "utf_16_le": None, "utf_16_be": None}
_NO_LETTERS = re.compile("[\uf8f0-\uf8f3]")  # So Python decodes bytes that Shift_JIS has not.
_SAMPLE, _STATISTICS = 3_000, 60_000  # Bytes.
_LEAST, _LEAST_IDEOGRAPHIC, _KANA = 0.003, 0.03, 0.3  # What chardet is taken to say at least.
_STEEPNESS = 10.0
_HOPELESS = 0.5  # So odd is each character in the best of encodings: this is no text.
_SURE = 0.5  # By what part the second best is worse.
_MOSTLY = 0.9  # Of the lines of a damaged text are whole.
_ONE_BYTE = ("windows-125", "ISO-8859")  # Letters of these do not often look like UTF-8.
_MIXED = 0.1  # Of the bytes that are not ASCII.
_FEW = 4  # Letters that say too little.


def guess_encoding(data: bytes) -> Guess | None:
    """Return the text in the likeliest encoding, or None if it makes sense in none."""
    sample = _telling_lines(data, _SAMPLE)
    said = _chances(_undamaged(_telling_lines(data, _STATISTICS)))
    ranked = [_rank(sample, encoding, said) for encoding in ENCODINGS]
    score, odd, shown, best = max(ranked, key=lambda each: each[0])
    if odd > _HOPELESS:
        return None
    second = max((other[0] for other in ranked if other[2] != shown), default=0.0)
    text = _decoded(data, best)
    is_sure = second < score * (1 - _SURE) and _count_letters(shown) >= _FEW
    is_sure = is_sure and not (best.name.startswith(_ONE_BYTE) and _has_utf8(data))
    return Guess(text, best.name, is_sure, text.count("\ufffd"))


def _has_utf8(data: bytes) -> bool:
    """Return whether much of the text is UTF-8, as where two files were put together."""
    size = sum(len(letter[0]) for letter in LETTERS_UTF8.finditer(data))
    return size > _MIXED * len(data.translate(None, bytes(range(0x80))))


def _rank(
    sample: bytes, encoding: Encoding, said: dict[str, float]
) -> tuple[float, float, str, Encoding]:
    """Return the encoding's score, how odd a character is in it, and the text."""
    text = _decoded(sample, encoding)
    least = _LEAST
    if encoding.languages:
        odd = measure_ideographic(text, set(encoding.languages))
        least = _KANA if encoding.languages == {"ja"} and has_kana(text) else _LEAST_IDEOGRAPHIC
    else:
        odd = measure_alphabetic(text)
    odd += 2 * text.count("\ufffd")
    odd /= max(1, _count_letters(text))
    chance = max(said.get(encoding.codec, 0.0), least)
    return chance**0.7 * encoding.weight * math.exp(-_STEEPNESS * odd), odd, text, encoding


def _count_letters(text: str) -> int:
    """Return how many characters depend on the encoding."""
    return sum(character > "\x7f" for character in text)


def _decoded(data: bytes, encoding: Encoding) -> str:
    return _NO_LETTERS.sub("\ufffd", data.decode(encoding.codec, "replace"))


def _chances(sample: bytes) -> dict[str, float]:
    """Return what chardet says of each codec."""
    import chardet

    asked = {_ASKED.get(each.codec, each.codec): each.codec for each in ENCODINGS}
    names = [name for name in asked if name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its last resort is not among these.
        found = chardet.detect_all(
            sample, ignore_threshold=True, compat_names=False, include_encodings=names
        )
    return {
        asked[each["encoding"]]: each["confidence"] for each in found if each["encoding"] in asked
    }


def _undamaged(sample: bytes) -> bytes:
    """Leave out the few lines that no encoding with two bytes has, if the others are in one."""
    lines = sample.splitlines(keepends=True)
    for encoding in ENCODINGS:
        if encoding.languages and not encoding.codec.startswith("utf"):
            whole = [line for line in lines if "\ufffd" not in _decoded(line, encoding)]
            if _MOSTLY * len(lines) <= len(whole) < len(lines):
                return b"".join(whole)
    return sample


def _telling_lines(data: bytes, most: int) -> bytes:
    """Return lines that are not ASCII, so many bytes of them: no encoding has LF in a letter."""
    lines, size = [], 0
    for line in re.finditer(rb"[^\n]*[\x80-\xff][^\n]*\n?", data):
        lines.append(line[0])
        size += len(line[0])
        if size >= most:
            break
    return b"".join(lines)[:most]
