"""Alerts of GitHub: a quotation that begins with `[!NOTE]` or another of five words."""

import re

from markdown_it.token import Token

_KINDS = ("note", "tip", "important", "warning", "caution")
CLASSES = {"alert", *(f"alert--{kind}" for kind in _KINDS)}
TITLE_CLASS = "alert__title"

_MARK = re.compile(rf"\[!({'|'.join(_KINDS)})\](?:[ \t]*\n|[ \t]+|$)", re.IGNORECASE)


def mark_alerts(tokens: list[Token]) -> None:
    """Make alerts of the quotations that are, before what is in them is read."""
    for number in range(len(tokens) - 1, -1, -1):  # Backwards, for it grows.
        if tokens[number].type == "blockquote_open" and tokens[number + 1].type == "paragraph_open":
            _mark(tokens, number)


def _mark(tokens: list[Token], start: int) -> None:
    text = tokens[start + 2]
    mark = _MARK.match(text.content)
    end = _end(tokens, start)
    is_alone = mark and mark.end() == len(text.content)
    if not mark or (is_alone and end == start + 4):
        return  # A word with nothing below it is no alert.
    kind = mark[1].lower()
    for token in (tokens[start], tokens[end]):
        token.tag = "div"
    tokens[start].attrs["class"] = f"alert alert--{kind}"
    text.content = text.content[mark.end() :]
    title = Token("inline", "", 0, content=kind.title(), children=[], level=text.level)
    paragraph = tokens[start + 1].copy(attrs={"class": TITLE_CLASS}, hidden=False)
    rest = [] if is_alone else tokens[start + 1 : start + 4]
    tokens[start + 1 : start + 4] = [paragraph, title, tokens[start + 3].copy(hidden=False), *rest]


def _end(tokens: list[Token], start: int) -> int:
    level = tokens[start].level
    number = start + 1
    while tokens[number].nesting != -1 or tokens[number].level != level:
        number += 1
    return number
