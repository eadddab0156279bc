"""A safe handful of HTML within a line: its tags are read here, paired here, written here.

The parser knows no HTML otherwise. A tag is one of ours, without attributes, and only where both
ends stand in the same emphasis, link or block; every other one stays the text that it is.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_TAG_NAMES = "b del em i ins kbd mark s small strong sub sup u"
TAGS = frozenset(_TAG_NAMES.split())
# What may follow a tag's name; no `<` in it, so that each attempt ends at the next tag.
ATTRIBUTES = r"""(?:[\s/](?:[^<>"']|"[^"<]{0,300}"|'[^'<]{0,300}'){0,300}+)?"""

_TAG = re.compile(rf"<(/?)({'|'.join(TAGS)})(?![\w-]){ATTRIBUTES}>", re.IGNORECASE)
_BREAK = re.compile(rf"</?br(?![\w-]){ATTRIBUTES}>[ \t]*\n?[ \t]*", re.IGNORECASE)
_MOST_OPEN = 20  # Tags; of more, the first stay text.


def add_to(parser: MarkdownIt) -> None:
    parser.inline.ruler.after("autolink", "tag", _html)


def _html(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    return _tag(state, silent) or _break(state, silent) or _comment(state)


def _comment(state: StateInline) -> bool:
    """Leave out a comment."""
    if not state.src.startswith("<!--", state.pos):
        return False
    start = state.pos + 2  # `<!-->` and `<!--->` are whole comments.
    if state.html_terminator_last("-->") < start:
        return False
    end = state.src.find("-->", start, state.posMax)
    if end < 0:
        return False
    state.pos = end + 3
    return True


def _break(state: StateInline, silent: bool) -> bool:
    """Read a `<br>`, with the line's end after it, which would be a second break."""
    match = _BREAK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def _tag(state: StateInline, silent: bool) -> bool:
    match = _TAG.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("tag", match[2].lower(), 0)
        token.content, token.meta = match[0], {"nesting": -1 if match[1] else 1}
    state.pos = match.end()
    return True


def pair_tags(tokens: list[Token]) -> list[Token]:
    """Make elements of the tags that have both ends, and text of the others."""
    tags = [token for token in tokens if token.type == "tag"]
    if tags:
        _find_pairs(tokens)
    for token in tags:
        if token.nesting == 0:
            token.type, token.tag = "text", ""
    return tokens


def _find_pairs(tokens: list[Token]) -> None:
    frames: list[list[Token]] = [[]]  # The open tags of each emphasis or link that is open.
    for token in tokens:
        if token.type == "tag" and token.meta["nesting"] == 1:
            frames[-1] = [*frames[-1][1 - _MOST_OPEN :], token]
        elif token.type == "tag":
            _close(token, frames[-1])
        elif token.nesting == 1:
            frames.append([])
        elif token.nesting == -1:
            frames.pop()


def _close(end: Token, opened: list[Token]) -> None:
    names = [token.tag for token in opened]
    if end.tag not in names:
        return
    place = len(names) - 1 - names[::-1].index(end.tag)
    opened[place].nesting, end.nesting = 1, -1
    del opened[place:]  # Those that it crosses stay text.
