"""The page of Gemini's activity that Takeout makes where it was not asked for JSON."""

import html
import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

LONGEST = 2_000_000  # Characters of one record.

_REPLY = re.compile(r"<(?:p|h[1-6]|ul|ol|table|pre|blockquote|div)\b", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}[:.]\d{2}")
_FORMS = ("%b %d, %Y, %I:%M:%S %p", "%d %b %Y, %H:%M:%S", "%d.%m.%Y, %H:%M:%S")


def _record(cell: str) -> dict[str, Any] | None:
    """Return the record as the JSON form has it: the question, when it was, and the answer."""
    match = _REPLY.search(cell)
    before = cell[: match.start()] if match else cell
    lines = [html.unescape(_TAGS.sub("", each)).strip(" \n\t") for each in _BREAK.split(before)]
    at = next((n for n in reversed(range(1, len(lines))) if _TIME.search(lines[n])), None)
    if at is None:
        return None
    answer = {"html": cell[match.start() :]} if match else {}
    title = "\n".join(lines[:at]).strip(" \n")
    made = {"header": "Gemini Apps", "title": title, "time": _moment(lines[at])}
    return made | {"safeHtmlItem": [answer]}


def _moment(words: str) -> str:
    """Return the time as JSON has it, where it is in a form that is known; else the words."""
    words = " ".join(words.split())
    for form in _FORMS:
        for end in (len(words), words.rfind(" ")):
            try:
                return datetime.strptime(words[: max(end, 0)], form).isoformat()
            except ValueError:
                continue
    return words


def records(pieces: Iterator[str]) -> Iterator[dict[str, Any] | None]:
    """Yield each record of the page, None for one that cannot be read."""
    page = Activity()
    for piece in pieces:
        page.feed(piece)
        yield from page.records
        page.records.clear()


class Activity(HTMLParser):
    """The page that Takeout makes where it was not asked for JSON, record by record."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.records: list[dict[str, Any] | None] = []
        self._cell: list[str] = []
        self._depth = 0  # Of elements within the cell that is read; 0: outside of any.
        self._chars = 0
        self._is_done = False  # The body of this record has been read.

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (dict(attrs).get("class") or "").split()
        if "outer-cell" in names:
            self._is_done = False
        if self._depth and tag == "div":
            self._depth += 1
        if self._depth:
            self._keep(self.get_starttag_text() or "")
        elif not self._is_done and "content-cell" in names:
            self._depth, self._cell, self._is_done, self._chars = 1, [], True, 0

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag == "div":
            self._depth -= 1
            if not self._depth:
                self.records.append(_record("".join(self._cell)))
                return
        if self._depth:
            self._keep(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._depth:
            self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _keep(self, piece: str) -> None:
        self._chars += len(piece)
        if self._chars <= LONGEST:
            self._cell.append(piece)
