"""Markdown that stands inside of other Markdown, and can be taken for nothing but a part of it."""

import re
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

SHIFT = 2  # Levels: what contains the text has headings of the first and the second.

# Whatever can begin a heading, or HTML, behind which viewers may see other lines as code.
_SUSPECT = re.compile(r"^[\s>*+\-\d.)]*(?:#|[=-]+[ \t]*$)|<", re.MULTILINE)
_BEGINNING = r"(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])[ \t])*"  # Of a line, in lists and quotations.
_SHOWN_TAGS = "br|sub|sup|kbd|u|ins|del|s|mark|small|b|strong|i|em|details|summary"
_AUTOLINK = r"[a-z][a-z0-9+.-]{1,31}:[^\s<>]*>|[^\s<>@/]+@[^\s<>]+>"
_OTHER_HTML = rf"<(?=[a-z/!?])(?!/?(?:{_SHOWN_TAGS})(?![\w-])|{_AUTOLINK})"
_CODE_SPAN = r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
_LITERAL_OR_TAG = re.compile(
    rf"{_CODE_SPAN}|\\.|(?P<other>{_OTHER_HTML})"
    rf"|<(?P<end>/?)(?P<name>{_SHOWN_TAGS})(?![\w-])[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
# In HTML, a backtick is only a sign, and a backslash hides nothing.
_TAG = re.compile(
    rf"(?P<other>{_OTHER_HTML})|<(?P<end>/?)(?P<name>{_SHOWN_TAGS})(?![\w-])[^<>]*>", re.IGNORECASE
)
_HTML_BLOCK = re.compile(
    rf"{_BEGINNING}</?(?:(?:details|summary)\b|(?:{_SHOWN_TAGS})\b[^<>]*>[ \t]*$)", re.IGNORECASE
)
_FIRST = re.compile(rf"^({_BEGINNING}){_OTHER_HTML}", re.IGNORECASE | re.MULTILINE)
_CELL = re.compile(r"(?:\\.|[^|\\])+|.", re.DOTALL)

_GONE = "\0"  # In the place of a line that was joined to the one before; no text has it.

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def below_headings(text: str) -> str:
    """Return the text with its headings below ours, and no other HTML than what Parlor shows.

    Code stays as it is. What no renderer takes for a heading stays, too. What is left open at the
    text's end is closed.
    """
    text = re.sub("\r\n?", "\n", text)
    if not _SUSPECT.search(text):
        return text
    lines = text.split("\n")
    code: set[int] = set()
    cells: set[int] = set()
    ends = set(range(1, len(lines) + 1))  # Of paragraphs, and of lines that are in none.
    tokens = _parser.parse(text)
    for number, token in enumerate(tokens):
        if token.type in ("fence", "code_block") and token.map:
            code.update(range(*token.map))
        elif token.type == "heading_open" and token.map:
            _shift(lines, token, tokens[number + 1].content)
        elif token.type == "tr_open" and token.map:
            cells.update(range(*token.map))
        elif token.type == "inline" and token.map:
            ends.difference_update(range(token.map[0] + 1, token.map[1]))
    return _WithoutHtml(lines, code, cells).written(sorted(ends))


def _shift(lines: list[str], heading: Token, content: str) -> None:
    """Write the heading in the lines some levels lower; one that was underlined gets signs."""
    start, end = heading.map or [0, 0]
    level = min(int(heading.tag[1]) + SHIFT, 6)
    if heading.markup.startswith("#"):
        before, _signs, rest = lines[start].partition(heading.markup)
        lines[start] = f"{before}{'#' * level}{rest}"
        return
    first, *others = content.split("\n")
    before = lines[start].partition(first)[0]
    lines[start] = f"{before}{'#' * level} {' '.join([first, *others])}"
    for number in range(start + 1, end):
        lines[number] = _GONE


class _WithoutHtml:
    """Lines with a sign before each tag that Parlor shows as text."""

    def __init__(self, lines: list[str], code: set[int], cells: set[int]) -> None:
        self._lines = lines
        self._code = code
        self._cells = cells  # Lines of tables.
        self._open: list[str] = []  # Names of tags.

    def written(self, ends: list[int]) -> str:
        """Return the lines; a paragraph ends before the line of each of these numbers."""
        html = self._html()
        parts: list[str] = []
        for start, end in pairwise([0, *ends]):
            if start in self._code:
                if start in html and start - 1 not in self._code:
                    parts.append("")  # Else viewers take the code for more of the HTML.
                parts.append(self._lines[start])
                continue
            part = "\n".join(line for line in self._lines[start:end] if line != _GONE)
            if not part and self._lines[start] == _GONE:
                continue
            parts.append(self._escaped(part, start, not html.isdisjoint(range(start, end))))
        if self._open:
            parts += ["", *(f"</{name}>" for name in reversed(self._open))]
        return "\n".join(parts)

    def _html(self) -> set[int]:
        """Return the numbers of the lines that viewers take for HTML."""
        html: set[int] = set()
        for number, line in enumerate(self._lines):
            goes_on = number - 1 in html and number - 1 not in self._code and line.strip(" \t>")
            if goes_on or (number not in self._code and _HTML_BLOCK.match(line)):
                html.add(number)
        return html

    def _escaped(self, part: str, start: int, is_html: bool) -> str:
        if is_html:
            return _TAG.sub(lambda found: self._note(found, "&lt;"), part)
        part = _FIRST.sub(r"\1\\<", part)  # A line that begins with HTML ends a span of code.
        if start in self._cells:
            return _CELL.sub(lambda cell: self._marked(cell[0]), part)
        return self._marked(part)

    def _marked(self, part: str) -> str:
        return _LITERAL_OR_TAG.sub(lambda found: self._note(found, "\\<"), part)

    def _note(self, found: re.Match[str], sign: str) -> str:
        name = (found["name"] or "").lower()
        if found["end"] and name in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(name)]
        elif name and not found["end"] and name != "br":
            self._open.append(name)
        return sign if found["other"] else found[0]
