"""Code blocks, coloured by Pygments where their language is known."""

import re
import time
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

LONGEST_HIGHLIGHTED = 30_000  # Characters; longer code is shown without colours.
LONGEST_LABEL = 100  # Characters.
CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)

_LONGEST_LINE = 1_000  # Characters.
_LONGEST_GAP = 400  # Characters of white space.
_MOST_SECONDS = 0.5  # Of computing; ordinary code needs a tenth of that.

# The first word; what some write beside it in braces, or after a colon, is for other programs.
_LANGUAGE = re.compile(r"\s*(?:\{\s*\.?)?([^\s{},:;]+)(?![^\s{},:;])")


def render_code(code: str, info: str = "") -> str:
    """Render a code block; `info` is what stands after the opening fence."""
    language = _language(info)
    label = language[:LONGEST_LABEL]
    heading = f'<div class="code__language">{escape(label)}</div>' if label else ""
    return (
        f'<div class="code" dir="ltr">{heading}<pre tabindex="0">'
        f'<code class="highlight">{_highlight(code, language)}</code></pre></div>'
    )


def _language(info: str) -> str:
    word = _LANGUAGE.match(info)
    return "" if not word or "=" in word[1] else word[1]


def _highlight(code: str, language: str) -> str:
    lexer = _lexer_class(language.lower()) if language else None
    tokens = _tokens(lexer, code) if lexer else None
    return _spans(tokens) if tokens else escape(code, quote=False)


def _tokens(lexer: type[Lexer], code: str) -> list[tuple[_TokenType, str]] | None:
    """Split the code, or return None where the lexer would take long or change the text.

    Many lexers need time that grows with the square of a long line or gap, or of a strange text.
    """
    if (
        len(code) > LONGEST_HIGHLIGHTED
        or max(map(len, code.split("\n"))) > _LONGEST_LINE
        or max(map(len, re.findall(r"\s+", code)), default=0) > _LONGEST_GAP
    ):
        return None
    latest = time.thread_time() + _MOST_SECONDS
    tokens = []
    try:
        for token in lexer(stripnl=False, ensurenl=False).get_tokens(code):
            tokens.append(token)
            if len(tokens) % 16 == 0 and time.thread_time() > latest:
                return None
    except Exception:  # One of hundreds of lexers stumbles; colours are not worth a reply.
        return None
    return tokens if "".join(value for _, value in tokens) == code else None


@lru_cache(maxsize=256)
def _lexer_class(language: str) -> type[Lexer] | None:
    try:
        return find_lexer_class_by_name(language)
    except ClassNotFound:
        return None


def _spans(tokens: Iterable[tuple[_TokenType, str]]) -> str:
    parts = []
    for name, group in groupby(tokens, key=lambda token: _css_class(token[0])):
        text = escape("".join(value for _, value in group), quote=False)
        parts.append(f'<span class="{name}">{text}</span>' if name else text)
    return "".join(parts)


@lru_cache(maxsize=1024)
def _css_class(kind: _TokenType) -> str:
    return STANDARD_TYPES[next(part for part in reversed(kind.split()) if part in STANDARD_TYPES)]
