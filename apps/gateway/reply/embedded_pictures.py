"""Embedded pictures: data URLs in the text of a reply, such as `![chart](data:image/png;base64,…)`.

They are split off as the text arrives, however it is cut. In code, a short data URL is an example;
a long one is a picture there, too, since nobody reads base64.
"""

import re
from dataclasses import replace

from apps.core.text import clean_name
from apps.gateway.reply.code_spans import CodeTracker
from apps.gateway.reply.pictures import picture_in
from apps.gateway.types import ReplyPicture

MAX_PICTURE_CHARS = 20_000_000  # Of one picture's data.
_MAX_EXAMPLE_CHARS = 200  # Data in code that is still an example.
_MIN_BARE_CHARS = 20  # Data of a URL without markup that is a picture.
_DESCRIPTION_CHARS = 300

# What precedes the data: a Markdown image or link, an HTML image, or a bare URL.
_ALT = rf"(?P<alt>(?:\\.|[^\\\[\]\n]){{0,{_DESCRIPTION_CHARS}}})"
_TAG = rf"<img\b(?P<tag>[^<>]{{0,{_DESCRIPTION_CHARS}}}?)\bsrc\s*=\s*[\"']?\s*"
_URL = r"(?P<url>data:image/[\w.+-]{1,40}(?:;[\w.+=-]{1,60}){0,4},)"
_HEAD = re.compile(rf"(?:!?\[{_ALT}\]\(\s{{0,9}}<?|{_TAG})?{_URL}", re.IGNORECASE)
_URL_START_CHARS = 60 * 5 + 60  # The longest beginning of a data URL, before its data.
# The end of a text with which one of these could begin.
_START = re.compile(
    rf"(?:!|!?\[(?:\\.|[^\\\[\]\n]){{0,{_DESCRIPTION_CHARS}}}\\?"
    rf"|!?\[(?:\\.|[^\\\[\]\n]){{0,{_DESCRIPTION_CHARS}}}\](?:\(\s{{0,9}}<?)?"
    rf"|<i?m?g?|<img\b[^<>]{{0,{2 * _DESCRIPTION_CHARS}}})$",
    re.IGNORECASE,
)
_URL_START = re.compile(r"(?:d|da|dat|data|data:[\w/.+;=-]{0,300})$", re.IGNORECASE)
_IMAGE = "data:image/"
_BASE64 = re.compile(r"[A-Za-z0-9+/=_%-]*")
_PERCENT_ENCODED = re.compile(r"[^\s<>\"')]*")
_TITLE = re.compile(r">?(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\s*\)")
_TAG_END = re.compile(r"[^<>]{0,600}>")
_MAX_TAIL_CHARS = 700  # From the data to the end of the image's markup.
_TAG_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


class PictureSplitter:
    """Split a text that arrives in pieces into texts and pictures."""

    def __init__(self) -> None:
        self.base64_chars = 0  # Data of all pictures so far.
        self._held = ""
        self._code = CodeTracker()
        self._head: re.Match[str] | None = None
        self._body: list[str] = []
        self._length = 0
        self._tail: str | None = None  # The markup after the data, once that has ended.
        self._parts: list[str | ReplyPicture] = []

    def feed(self, text: str) -> list[str | ReplyPicture]:
        self._read(text, False)
        return self._take_parts()

    def flush(self) -> list[str | ReplyPicture]:
        """Return what was held back, when the text has ended."""
        self._read("", True)
        return self._take_parts()

    def _take_parts(self) -> list[str | ReplyPicture]:
        parts, self._parts = self._parts, []
        return parts

    def _read(self, text: str, is_all: bool) -> None:
        rest: str | None = text
        while rest is not None:
            if self._head is None:
                rest = self._read_text(rest, is_all)
            elif self._tail is None:
                rest = self._read_data(rest, is_all)
            else:
                rest = self._read_tail(rest, is_all)

    def _add_text(self, text: str) -> None:
        if text:
            self._code.feed(text)
            self._parts.append(text)

    def _read_text(self, text: str, is_all: bool) -> str | None:
        text, self._held = self._held + text, ""
        if head := _HEAD.search(text):
            self._add_text(text[: head.start()])
            self._head, self._body, self._length = head, [], 0
            return text[head.end() :]
        end = len(text) if is_all else _safe_end(text)
        self._add_text(text[:end])
        self._held = text[end:]
        return None

    def _read_data(self, text: str, is_all: bool) -> str | None:
        assert self._head  # noqa: S101
        is_base64 = ";base64" in self._head["url"].lower()
        end = _match_end(_BASE64 if is_base64 else _PERCENT_ENCODED, text)
        self._length += end
        self.base64_chars += end
        if self._length <= MAX_PICTURE_CHARS:
            self._body.append(text[:end])
        else:
            self._body.clear()
        if end == len(text) and not is_all:
            return None
        self._tail = ""
        return text[end:]

    def _read_tail(self, text: str, is_all: bool) -> str | None:
        assert self._head  # noqa: S101
        text = (self._tail or "") + text
        closing = self._closing()
        end = closing.match(text) if closing else re.match("", text)
        may_come = closing is not None and len(text) < _MAX_TAIL_CHARS and "\n\n" not in text
        if not end and may_come and not is_all:
            self._tail = text
            return None
        return self._end(text, end.end() if end else None)

    def _closing(self) -> re.Pattern[str] | None:
        assert self._head  # noqa: S101
        if self._head["alt"] is not None:
            return _TITLE
        return _TAG_END if self._head["tag"] is not None else None

    def _end(self, text: str, end: int | None) -> str | None:
        """Add the picture whose markup ends at `end`; return the text after it, if any."""
        assert self._head  # noqa: S101
        head, data = self._head, "".join(self._body)
        self._head, self._tail, self._body = None, None, []
        rest = text[end or 0 :]
        if self._is_text(head):
            self._add_text(head[0] + data + text[: end or 0])
        else:
            self._parts.append(self._picture(head, data, text[: end or 0], end is None))
        return rest or None

    def _is_text(self, head: re.Match[str]) -> bool:
        """Return whether the data URL is an example and not a picture."""
        is_bare = head["alt"] is None and head["tag"] is None
        if not self._length or (is_bare and self._length < _MIN_BARE_CHARS):
            return True
        return self._length <= _MAX_EXAMPLE_CHARS and self._code.is_open

    def _picture(self, head: re.Match[str], data: str, tail: str, is_open: bool) -> ReplyPicture:
        words = _description(head, tail)
        problem = "large" if self._length > MAX_PICTURE_CHARS else "cut" if is_open else ""
        if "svg" in head["url"].lower():
            problem = "svg"
        read = None if problem else picture_in(head["url"] + data)
        picture = read or ReplyPicture(b"", problem=problem)
        return replace(picture, description=words, is_inline=True)


def split_pictures(text: str) -> list[str | ReplyPicture]:
    """Split a whole text into texts and pictures, in their order."""
    if _IMAGE not in text.lower():
        return [text]
    splitter = PictureSplitter()
    return splitter.feed(text) + splitter.flush()


def _safe_end(text: str) -> int:
    """Return the length of the text that is before anything that could begin a picture."""
    around = max(0, len(text) - _URL_START_CHARS - 2 * _DESCRIPTION_CHARS)
    url = _URL_START.search(text, around)
    end = url.start() if url and _may_be_image(url[0]) else len(text)
    start = _START.search(text, around, end)
    return start.start() if start else end


def _may_be_image(url: str) -> bool:
    low = url.lower()
    return _IMAGE.startswith(low) or low.startswith(_IMAGE)


def _match_end(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0


def _description(head: re.Match[str], tail: str) -> str:
    alt = head["alt"]
    if alt is None and head["tag"] is not None:
        found = _TAG_ALT.search(head["tag"]) or _TAG_ALT.search(tail)
        alt = (found[1] or found[2] or "") if found else ""
    return clean_name(re.sub(r"\\([^\w\s])", r"\1", alt or ""), _DESCRIPTION_CHARS)
