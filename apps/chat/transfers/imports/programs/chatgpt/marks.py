"""ChatGPT's marks: signs of Unicode's private area around what only its own page can show.

A mark begins with U+E200 and its kind, has parts that begin with U+E202, and ends with U+E201.
Parts are words for people, JSON that holds such words, or references to what was searched.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from apps.chat.transfers.imports.markup import link
from apps.chat.transfers.imports.values import items, mapping, text

_MARK = re.compile("(?P<blank>[ \t]?)\ue200(?P<mark>[^\ue200\ue201]*)\ue201")
_SIGNS = re.compile("[\ue200-\ue206]")
_REFERENCE = re.compile(
    r"turn\d+[a-z_]*\d*|L\d+(?:-L?\d+)?|file[-_][A-Za-z0-9-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|https?://\S+"
)
_OLDER = re.compile(r" ?【(?P<words>[^【】\n]{1,200})】")
_LONE = re.compile(r"[ \t]?\ue202(?:turn\d+[a-z_]+\d+)?(?:[ \t]*\ue202turn\d+[a-z_]+\d+)*")
_ROUNDS = 3  # Marks in marks.

# Those of these kinds point to sources alone; what they point to is listed under the message.
_BARE = {"", "cite", "filecite", "memcite", "citation", "cites", "source", "sources", "link"}
_FORM = {"layout", "aspect_ratio", "type", "id", "num_per_query", "ref", "refs", "ref_id", "style"}


def without_marks(words: str, count: Callable[[str], None]) -> str:
    """Return the text with the words of its marks alone; count those that leave nothing."""
    if not _SIGNS.search(words):
        return words

    def shown(match: re.Match[str]) -> str:
        kind, *parts = match["mark"].split("\ue202")
        kind = kind.strip()
        inside = _said(kind, parts)
        if not inside and kind not in _BARE:
            count(f"mark {kind}")
        is_gap = not inside and _ends(match)
        return ("" if is_gap else match["blank"]) + inside

    for _ in range(_ROUNDS):
        words, found = _MARK.subn(shown, words)
        if not found:
            break
    # One that never ends: its words stay, too.
    words = re.sub("\ue200[a-z_]{1,30}\ue202", "", words)
    return _SIGNS.sub("", _LONE.sub(_gap, words))


def without_older_marks(words: str) -> str:
    """Return the text without references like 【12†source】; names of files in them stay."""

    def shown(match: re.Match[str]) -> str:
        before, dagger, name = match["words"].partition("†")
        if not dagger or not re.fullmatch(r"[\d:]+", before):
            return match[0]
        name = name.strip()
        is_bare = name == "source" or _REFERENCE.fullmatch(name)
        return "" if is_bare else f" ({name})"

    return _OLDER.sub(shown, words) if "†" in words else words


def _gap(match: re.Match[str]) -> str:
    return "" if _ends(match) else " "


def _ends(match: re.Match[str]) -> bool:
    following = match.string[match.end() : match.end() + 1]
    return not following or following in " \t\n.,;:!?)]"


def _said(kind: str, parts: list[str]) -> str:
    if kind in _BARE:
        return ""
    said = [words for part in parts for words in _words(kind, part.strip())]
    address = next((part for part in parts if part.startswith(("http://", "https://"))), "")
    if address:
        return link(address, ", ".join(said))
    if kind == "image_group" and said:
        return f"[Pictures: {', '.join(said)}]"
    return ", ".join(said)


def _words(kind: str, part: str) -> Iterator[str]:
    if part[:1] in "[{":
        try:
            data = json.loads(part)
        except (ValueError, RecursionError):
            yield part
            return
        if kind.endswith("entity"):
            yield from _name(data)
        else:
            yield from _strings(data)
    elif part and not all(_REFERENCE.fullmatch(each) for each in re.split(r"[,\s]+", part) if each):
        yield part


def _name(data: Any) -> Iterator[str]:
    """Yield what an entity is called: it comes after its kind or its reference."""
    names = [text(each).strip() for each in items(data)]
    named = names[1:2] or names[:1] or [text(mapping(data).get("name")).strip()]
    yield from filter(None, named)


def _strings(data: Any) -> Iterator[str]:
    """Yield the words in it that are for people, in their order."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if value.strip() and not _REFERENCE.fullmatch(value.strip()):
                yield value.strip()
        elif isinstance(value, dict):
            waiting += reversed([each for name, each in value.items() if name not in _FORM])
        elif isinstance(value, list):
            waiting += reversed(value)


def linked(references: Any, citations: Any) -> dict[str, str]:
    """Return the pages that a message names as its sources: addresses, with their titles."""
    found: dict[str, str] = {}
    for each in items(references):
        fields = mapping(each)
        for entry in (fields, *_entries(fields)):
            _note(found, entry)
    for each in items(citations):
        fields = mapping(each)
        _note(found, mapping(fields.get("metadata")))
        _note(found, fields)
    return found


def results(groups: Any) -> dict[str, str]:
    """Return what a search has found: addresses, with their titles."""
    found: dict[str, str] = {}
    for group in items(groups):
        for entry in items(mapping(group).get("entries")):
            _note(found, mapping(entry))
    return found


def _entries(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names = ("items", "sources", "images", "fallback_items", "supporting_websites")
    for name in names:
        for each in items(fields.get(name)):
            entry = mapping(each)
            yield entry
            for website in items(entry.get("supporting_websites")):
                yield mapping(website)


def _note(found: dict[str, str], entry: dict[str, Any]) -> None:
    url = text(entry.get("url")) or text(entry.get("content_url"))
    if url.startswith(("http://", "https://")):
        name = text(entry.get("title")) or text(entry.get("attribution"))
        found[url] = found.get(url) or name
