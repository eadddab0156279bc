"""Folds and fences in which other programs keep thoughts and calls within a reply's text."""

import html
import re
from collections.abc import Callable

from apps.chat.transfers.imports.conversation import Turn
from apps.chat.transfers.imports.markup import fenced
from apps.chat.transfers.imports.values import paragraphs

_DETAILS = re.compile(
    r"<details\s[^>]{0,20}type=\"(?P<type>[a-z_]{1,30})\"(?P<about>[^>]*)>\s*"
    r"(?:<summary>[^<]{0,300}</summary>)?"
)
_ATTRIBUTE = re.compile(r'([a-z_]+)="([^"]*)"')
_THINKING = re.compile(r":::thinking\s*\n")

Take = Callable[[re.Match[str], str], str]


def set_apart(words: str, opening: re.Pattern[str], closing: str, take: Take) -> str:
    """Return the text with something else for each part between the marks; one pass."""
    found, at = [], 0
    while match := opening.search(words, at):
        end = words.find(closing, match.end())
        if end < 0:
            break
        found += [words[at : match.start()], take(match, words[match.end() : end])]
        at = end + len(closing)
    return "".join([*found, words[at:]])


def read_text(words: str, turn: Turn) -> None:
    """Add a text to the turn, without what it holds of thoughts and of calls of tools."""

    def aside(match: re.Match[str], inside: str) -> str:
        turn.thoughts.append(inside.strip())
        return ""

    def folded(match: re.Match[str], inside: str) -> str:
        turn.thoughts.append(_folded(match, inside.strip()))
        return ""

    words = set_apart(words, _THINKING, "\n:::", aside)
    words = set_apart(words, _DETAILS, "</details>", folded)
    turn.words.append(words.strip())


def _folded(match: re.Match[str], inside: str) -> str:
    """Return what is folded: thoughts stand as a quotation, calls in attributes."""
    about = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(match["about"])}
    if match["type"] == "reasoning":
        lines = [re.sub(r"^(?:>|&gt;) ?", "", line) for line in inside.split("\n")]
        return html.unescape("\n".join(lines)).strip()
    called = [fenced(about.get(name, "")) for name in ("arguments", "output", "result", "files")]
    return paragraphs([about.get("name", ""), inside, *called])
