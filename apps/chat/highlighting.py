"""Code blocks, coloured by Pygments where their language is known."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

LONGEST_HIGHLIGHTED = 50_000  # Characters; longer code is shown without colours.
LONGEST_LABEL = 100  # Characters.
CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)

_LANGUAGE = re.compile(r"[\w+#-]+")


def render_code(code: str, info: str = "") -> str:
    """Render a code block; `info` is what stands after the opening fence."""
    label = " ".join(info.split())[:LONGEST_LABEL]
    heading = f'<div class="code__language">{escape(label)}</div>' if label else ""
    return (
        f'<div class="code" dir="ltr">{heading}<pre tabindex="0">'
        f'<code class="highlight">{_highlight(code, info)}</code></pre></div>'
    )


def _highlight(code: str, info: str) -> str:
    language = _LANGUAGE.search(info)
    lexer = _lexer_class(language[0].lower()) if language else None
    if lexer is None or len(code) > LONGEST_HIGHLIGHTED:
        return escape(code, quote=False)
    tokens = list(lexer(stripnl=False, ensurenl=False).get_tokens(code))
    if "".join(value for _, value in tokens) != code:  # Some lexers tidy up what they read.
        return escape(code, quote=False)
    return _spans(tokens)


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
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES[kind]
