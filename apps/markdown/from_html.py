"""HTML that other services have made as Markdown."""

import html
import re
from collections import Counter
from typing import Any

import nh3

MOST_CHARS = 100_000  # Of HTML; what is longer, or deeper, keeps its words alone.
MOST_OPEN = 100  # Elements in each other.
_TAG_NAMES = (
    "a b blockquote br caption code del dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s span"
    " strong sub sup table tbody td tfoot th thead tr ul"
)
_TAGS = set(_TAG_NAMES.split())
_ATTRIBUTES = {"a": {"href"}, "code": {"class"}, "ol": {"start"}}
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*>", re.IGNORECASE)
_UNCOUNTED = {"br", "hr", "img", "p", "li", "td", "th", "tr", "input", "wbr", "col", "dd", "dt"}
_LANGUAGE = re.compile(r"language-([\w+#.-]{1,30})")


def markdown_from_html(source: str) -> str:
    """Return the words with headings, lists, tables, code and links as Markdown.

    What is put in is anybody's: it is made well-formed first, in one pass, for what reads it
    afterwards takes long over tags that never end.
    """
    if not source.strip():
        return ""
    if len(source) > MOST_CHARS or _is_deep(source):
        return _words(source)
    from markdownify import ATX, markdownify  # Most servers never need it.

    clean = nh3.clean(source, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)
    try:
        found = markdownify(clean, heading_style=ATX, bullets="-", code_language_callback=_language)
    except RecursionError:
        return _words(source)
    return str(found).strip()


def _is_deep(source: str) -> bool:
    """Return whether too many elements are in each other, as far as tags can tell."""
    opened: Counter[str] = Counter()
    for slash, name in _TAG.findall(source.lower()):
        if name in _UNCOUNTED:
            continue
        opened[name] += (-1 if opened[name] else 0) if slash else 1
        if not slash and sum(opened.values()) > MOST_OPEN:
            return True
    return False


def _words(source: str) -> str:
    return html.unescape(re.sub(r"<[^<>]*>", "", source)).strip()


def _language(element: Any) -> str:
    code = element.find("code")
    names = " ".join(code.get("class") or []) if code else ""
    match = _LANGUAGE.search(names)
    return match[1] if match else ""
