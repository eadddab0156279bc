"""What stands in `\\text` and its like: words, with escapes of their own, and formulas between."""

import unicodedata
from collections.abc import Callable, Iterator

from apps.markdown.maths.tokens import Reader, TexError

_SYMBOLS = {
    r"\\": " ",
    r"\ ": "\u00a0",
    "~": "\u00a0",
    r"\,": "\u2009",
    r"\:": "\u2005",
    r"\;": "\u2004",
    r"\!": "",
    r"\/": "",
    r"\-": "",
    r"\@": "",
    "{": "",
    "}": "",
    r"\quad": "\u2003",
    r"\qquad": "\u2003\u2003",
    r"\ldots": "…",
    r"\dots": "…",
    r"\textellipsis": "…",
    r"\textbackslash": "\\",
    r"\backslash": "\\",
    r"\textasciitilde": "~",
    r"\textasciicircum": "^",
    r"\textunderscore": "_",
    r"\textbar": "|",
    r"\textless": "<",
    r"\textgreater": ">",
    r"\textdollar": "$",
    r"\textdegree": "°",
    r"\degree": "°",
    r"\textmu": "µ",
    r"\textohm": "Ω",
    r"\texteuro": "€",
    r"\euro": "€",
    r"\pounds": "£",
    r"\textsterling": "£",
    r"\S": "§",
    r"\P": "¶",
    r"\copyright": "©",
    r"\textcopyright": "©",
    r"\textregistered": "®",
    r"\texttrademark": "™",
    r"\textendash": "–",
    r"\textemdash": "—",
    r"\textquoteleft": "‘",
    r"\textquoteright": "’",
    r"\textquotedblleft": "“",
    r"\textquotedblright": "”",
    r"\textbullet": "•",
    r"\LaTeX": "LaTeX",
    r"\TeX": "TeX",
    r"\ss": "ß",
    r"\ae": "æ",
    r"\AE": "Æ",
    r"\oe": "œ",
    r"\OE": "Œ",
    r"\aa": "å",
    r"\AA": "Å",
    r"\o": "ø",
    r"\O": "Ø",
    r"\l": "ł",
    r"\L": "Ł",
    r"\i": "ı",
}
_ACCENTS = {
    r"\'": "\u0301",
    r"\`": "\u0300",
    r"\^": "\u0302",
    r"\~": "\u0303",
    r"\=": "\u0304",
    r"\.": "\u0307",
    r"\"": "\u0308",
    r"\c": "\u0327",
    r"\v": "\u030c",
    r"\u": "\u0306",
    r"\H": "\u030b",
    r"\r": "\u030a",
}
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’"))

STYLES = {
    r"\text": r"\text",
    r"\textrm": r"\text",
    r"\textnormal": r"\text",
    r"\textup": r"\text",
    r"\textmd": r"\text",
    r"\textsc": r"\text",
    r"\textsf": r"\text",
    r"\mbox": r"\text",
    r"\hbox": r"\text",
    r"\textbf": r"\textbf",
    r"\textit": r"\textit",
    r"\textsl": r"\textit",
    r"\emph": r"\textit",
    r"\texttt": r"\texttt",
}
_PRIVATE = 0xE000  # The character that stands for an ASCII one which the converter would read.


def unprotect(text: str) -> str:
    return "".join(
        chr(ord(each) - _PRIVATE) if _PRIVATE < ord(each) < _PRIVATE + 128 else each
        for each in text
    )


def protect(text: str) -> str:
    """Return text for `\\text{}` in which nothing has a meaning for TeX."""
    return "".join(
        chr(ord(each) + _PRIVATE) if ord(each) < 128 and not each.isalnum() else each
        for each in text
    )


def write_text(style: str, source: str, rewrite: Callable[[str], str]) -> str:
    """Return TeX that the converter knows; `rewrite` does the same for formulas in the text."""
    pieces = list(_pieces(style, source, rewrite))
    return pieces[0] if len(pieces) == 1 else f"{{{''.join(pieces)}}}"


def _pieces(style: str, source: str, rewrite: Callable[[str], str]) -> Iterator[str]:
    reader, text = Reader(source), ""
    while reader:
        part = reader.next()
        plain = _plain(part, reader)
        if plain is not None:
            text += plain
            continue
        if text:
            yield _as_text(style, text)
            text = ""
        yield _formula(part, reader, rewrite)
    if text:
        yield _as_text(style, text)


def _plain(part: str, reader: Reader) -> str | None:
    if part in _SYMBOLS:
        if part[1:].isalpha():
            reader.skip_blanks()
        return _SYMBOLS[part]
    if part in _ACCENTS:
        letter = reader.argument().replace("\\", "")
        if not letter.strip():
            return part[1]
        return unicodedata.normalize("NFC", letter + _ACCENTS[part])
    if part.isspace():
        return " "
    if part[0] == "\\":
        return None if part[1:].isalpha() or part in (r"\(", r"\)") else part[1]
    return None if part == "$" else part


def _formula(part: str, reader: Reader, rewrite: Callable[[str], str]) -> str:
    if part in STYLES:
        return write_text(STYLES[part], reader.argument(), rewrite)
    end = {"$": "$", r"\(": r"\)"}.get(part)
    if not end:
        return rewrite(part + "".join(f"{{{each}}}" for each in reader.arguments()))
    source = reader.until(end)
    if not reader.takes(end):
        raise TexError("a formula in a text does not end")
    return f"{{{rewrite(source)}}}"


def _as_text(style: str, text: str) -> str:
    for source, sign in _LIGATURES:
        text = text.replace(source, sign)
    return f"{style}{{{protect(text)}}}"
