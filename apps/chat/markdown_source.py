"""Markdown that stands inside of other Markdown, and can be taken for nothing but a part of it."""

import re
from itertools import takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token

SHIFT = 2  # Levels: what contains the text has headings of the first and the second.

# Whatever can begin a heading, or HTML, behind which viewers may see other lines as code.
_SUSPECT = re.compile(r"^[\s>*+\-\d.)]*(?:#|[=-]+[ \t]*$)|<", re.MULTILINE)
_BEGINNING = r"^((?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])[ \t])*)"  # Of a line, in lists and quotations.
_SHOWN_TAGS = "br|sub|sup|kbd|u|ins|del|s|mark|small|b|strong|i|em|details|summary"
_OTHER_HTML = re.compile(
    rf"{_BEGINNING}<(?=[a-z/!?])(?!/?(?:{_SHOWN_TAGS})\b)", re.IGNORECASE | re.MULTILINE
)
_SHOWN_HTML = re.compile(rf"[ \t]{{0,3}}</?(?:{_SHOWN_TAGS})\b", re.IGNORECASE)
_CODE_SPAN_OR_HEADING = re.compile(
    r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|(?<!\\)<(?=/?h[1-6]\b)", re.IGNORECASE | re.DOTALL
)

_GONE = "\0"  # In the place of a line that was joined to the one before; no text has it.

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def below_headings(text: str) -> str:
    """Return the text with its headings below ours, and no other HTML than what Parlor shows.

    Code stays as it is. What no renderer takes for a heading stays, too.
    """
    if not _SUSPECT.search(text):
        return text
    lines = text.split("\n")
    code: set[int] = set()
    tokens = _parser.parse(text)
    for number, token in enumerate(tokens):
        if token.type in ("fence", "code_block") and token.map:
            code.update(range(*token.map))
        elif token.type == "heading_open" and token.map:
            _shift(lines, token, tokens[number + 1].content)
    code.update(number for number, line in enumerate(lines) if line == _GONE)
    return _without_html(lines, code)


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


def _without_html(lines: list[str], code: set[int]) -> str:
    """Return the lines with a backslash before each tag that Parlor shows as text."""
    parts: list[str] = []
    run: list[str] = []
    for number, line in enumerate(lines):
        if line == _GONE:
            continue
        if number in code:
            if _is_open(run):
                run.append("")  # Else viewers take the beginning of the code for more of the HTML.
            parts += [*_escaped(run), line]
            run = []
        else:
            run.append(line)
    return "\n".join(parts + _escaped(run))


def _is_open(run: list[str]) -> bool:
    """Return whether a tag that is shown begins what the next line would belong to."""
    paragraph = list(takewhile(str.strip, reversed(run)))
    return any(map(_SHOWN_HTML.match, paragraph))


def _escaped(run: list[str]) -> list[str]:
    if not run:
        return []
    text = _OTHER_HTML.sub(r"\1\\<", "\n".join(run))
    text = _CODE_SPAN_OR_HEADING.sub(lambda found: found[0] if found[1] else "\\<", text)
    return [text]
