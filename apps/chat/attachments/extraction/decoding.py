"""Bytes that tell by themselves what they are: marked text, UTF-8, wide text, or no text at all."""

import codecs
import re
from dataclasses import dataclass

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # It begins as the next one does.
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_NO_TEXT = (
    *(
        b"PK\3\4",
        b"\x7fELF",
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ\0",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a",
    ),
    *(
        b"SQLite format 3\0",
        b"\xca\xfe\xba\xbe",
        b"\0asm",
        b"OggS",
        b"GIF87a",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"\xd0\xcf\x11\xe0",
        b"RIFF",
    ),
)
# Controls that no text has, but tab, line ends, form feed, bell, backspace and escape: logs do.
_CONTROLS = "\x00-\x06\x0e-\x1a\x1c-\x1f"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_RUNS = re.compile(f"([{_CONTROLS}\ufffd])\\1+")
LETTERS_UTF8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_JAPANESE_ESCAPES = re.compile(rb"\x1b\$[@B]|\x1b\(I")
_MOST_CONTROLS = 0.02  # Of the characters of a text.
_MOST_BROKEN = 0.1  # Of the letters of a text in UTF-8.
_LEAST_EMPTY = 0.02  # Of the upper bytes of wide text are 0, as those of spaces and line ends.
_MOST_FULL = 0.1  # Zeros among the lower bytes, for each among the upper ones.
_SHORT = 10  # Characters; none of so few may be broken.
_SAMPLE = 100_000  # Characters that are looked at for controls.

# Encodings under the names by which pages and mails call them, where Python's are narrower.
_LABELS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "sjis", "x-sjis", "shift-jis", "ms_kanji"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "korean"), "cp949"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620"), "cp874"),
    **dict.fromkeys(("iso-8859-8-i", "logical"), "iso8859-8"),
    **dict.fromkeys(("macintosh", "x-mac-roman"), "mac-roman"),
    "x-mac-cyrillic": "mac-cyrillic",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    encoding: str  # As the Encoding Standard of the WHATWG names it; "" if it says so itself.
    unreadable: int = 0  # Characters that became U+FFFD.


def decode_evident(data: bytes) -> Decoded | None:
    """Return the text of what shows its encoding itself, or None."""
    for mark, codec in _MARKS.items():
        if data.startswith(mark):
            return _decoded(data[len(mark) :], "", codec)
    if _JAPANESE_ESCAPES.search(data) and data.isascii():
        return _decoded(data, "ISO-2022-JP", "iso2022_jp_ext")
    return _utf8(data) or _wide(data)


def is_binary(data: bytes) -> bool:
    """Return whether the data is no text in any encoding that has one byte for a control."""
    return data.startswith(_NO_TEXT) or _has_controls(data.decode("latin-1"))


def codec_of(label: str) -> str | None:
    """Return Python's codec for an encoding that a page or a mail names, or None."""
    label = label.strip().lower()
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        b"".decode(name)
    except (LookupError, ValueError, TypeError):
        return None
    return name


def _decoded(data: bytes, name: str, codec: str) -> Decoded:
    text = data.decode(codec, "replace")
    meant = data.decode(codec, "ignore").count("\ufffd")
    return Decoded(text, name, text.count("\ufffd") - meant)


def _utf8(data: bytes) -> Decoded | None:
    """Return the text if it is UTF-8, though it may be broken here and there."""
    if data.startswith(_NO_TEXT):
        return None
    decoded = _decoded(data, "", "utf-8")
    if decoded.unreadable:
        whole = sum(1 for _ in LETTERS_UTF8.finditer(data))
        if decoded.unreadable > max(1, _MOST_BROKEN * whole) or not whole:
            return None
    return None if _has_controls(decoded.text) else decoded


def _wide(data: bytes) -> Decoded | None:
    """Return the text if it is one of two or four bytes for a letter."""
    halves = data[:4096:2].count(0), data[1:4096:2].count(0)
    if data.startswith(_NO_TEXT) or max(halves) < _LEAST_EMPTY * len(data[:4096:2]):
        return None
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        empty, full = reversed(halves) if codec.endswith("le") else halves
        if codec.startswith("utf-16") and full > _MOST_FULL * empty:
            continue
        decoded = _decoded(data, codec.upper().replace("-LE", "LE").replace("-BE", "BE"), codec)
        if decoded.unreadable <= (len(decoded.text) > _SHORT) and not _has_controls(decoded.text):
            return decoded
    return None


def _has_controls(text: str) -> bool:
    """Return whether there are more controls than a log has; a run of one counts once."""
    text = _RUNS.sub(r"\1", text[:_SAMPLE])
    return len(_CONTROL.findall(text)) > max(1, _MOST_CONTROLS * len(text))
