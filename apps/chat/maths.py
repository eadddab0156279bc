"""LaTeX maths as MathML that is safe to put into a page."""

import re
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST_FORMULA = 2_000  # Characters.
_DEEPEST = 40  # Open braces, or elements within elements.

# Macros can grow without bound ("billion laughs"), so a formula that defines one stays source.
_DEFINES_MACRO = re.compile(r"\\(?:def|let|(?:re)?new(?:command|environment)|Declare\w+)(?![a-z])")

# What latex2mathml does not know, or numbers, by what it knows.
_ENVIRONMENTS = (
    (r"align|aligned|split|eqnarray|flalign", r"\\\1{align*}"),
    (r"gather|gathered|multline", r"\\\1{matrix}"),
    (r"dcases", r"\\\1{cases}"),
    (r"equation|displaymath|math", ""),
)
_REPLACEMENTS = [
    (re.compile(rf"\\(begin|end)\s*\{{(?:{names})\*?\}}"), replacement)
    for names, replacement in _ENVIRONMENTS
]
_REPLACEMENTS.append((re.compile(r"\\(?:label\s*\{[^}]*\}|(?:nonumber|notag)(?![a-zA-Z]))"), ""))

_TAG_NAMES = (
    "menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace"
    " msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
_WORD_NAMES = (
    "accent accentunder columnalign columnlines displaystyle fence form frame largeop linebreak"
    " mathvariant movablelimits notation rowlines scriptlevel separator stretchy symmetric"
)
_LENGTH_NAMES = (
    "columnspacing depth height linethickness lspace maxsize minsize rowspacing rspace voffset"
    " width"
)
_TAGS = frozenset(_TAG_NAMES.split())
_WORDS = frozenset(_WORD_NAMES.split())
_LENGTHS = frozenset(_LENGTH_NAMES.split())
_NEW_LINE = '<mspace linebreak="newline">'
_WORD = re.compile(r"[A-Za-z0-9 +-]{1,60}")
_LENGTH = re.compile(r"(?: ?[+-]?\d{0,2}(?:\.\d{1,4})?(?:em|ex|mu|px|pt|pc|cm|mm|in|%)?){1,4}")


@lru_cache(maxsize=256)
def to_mathml(source: str, *, display: bool) -> str | None:
    """Turn LaTeX into a `math` element with the source as `alttext`, or None where that fails.

    The element is written here, tag by tag, from the tree that latex2mathml returns: presentational
    MathML and escaped text, nothing else. So nothing in it can be read as HTML.
    """
    if not _is_modest(source):
        return None
    known = source
    for pattern, replacement in _REPLACEMENTS:
        known = pattern.sub(replacement, known)
    try:
        html = _convert(known, display)
        if _NEW_LINE in html:  # Browsers do not break there: only a table has lines.
            html = _convert(rf"\begin{{align*}}{known}\end{{align*}}", display)
    except Exception:  # It raises whatever its walk over strange input runs into.
        return None
    kind = "block" if display else "inline"
    return f'<math display="{kind}" alttext="{escape(source)}">{html}</math>'


def _convert(source: str, display: bool) -> str:
    # Takes 0.1 s to import and is seldom needed.
    from latex2mathml.converter import Converter

    converter = Converter(display="block" if display else "inline")
    return "".join(_write(child) for child in converter.convert_to_element(source))


def _is_modest(source: str) -> bool:
    if len(source) > LONGEST_FORMULA or not source.strip() or _DEFINES_MACRO.search(source):
        return False
    return source.count("{") + source.count(r"\left") + source.count(r"\begin") < 400 and (
        _depth(source) <= _DEEPEST
    )


def _depth(source: str) -> int:
    depth = deepest = 0
    for brace in re.findall(r"\\.|[{}]", source, re.DOTALL):
        depth += (brace == "{") - (brace == "}")
        deepest = max(deepest, depth)
    return deepest


def _write(element: "Element", depth: int = 0) -> str:
    # latex2mathml writes symbols as character references.
    text = unescape(element.text or "")
    is_unknown = (text.startswith("\\") and len(text) > 1 and element.tag != "mtext") or text == "&"
    if element.tag not in _TAGS or is_unknown or depth > 3 * _DEEPEST:
        raise ValueError(f"cannot show {element.tag} {text}")
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if (name in _WORDS and _WORD.fullmatch(value))
        or (name in _LENGTHS and _LENGTH.fullmatch(value))
    )
    children = "".join(_write(child, depth + 1) for child in element)
    # A browser would read elements in one of these as HTML.
    tag = "mrow" if children and element.tag in ("mi", "mn", "mo", "ms", "mtext") else element.tag
    return f"<{tag}{attributes}>{escape(text, quote=False)}{children}</{tag}>"
