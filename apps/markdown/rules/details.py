"""Folds: what stands between `<details>` and `</details>`, in as many blocks as it likes.

At the top level the marks are blocks of their own, and `Folds` puts the HTML of the others between
them together as it comes. Within a list item, a quotation or a note the tokens are paired.
"""

from collections.abc import Iterator

from markdown_it.token import Token

from apps.markdown.rules.details_tags import (
    CLOSE,
    MOST_OPEN,
    OPEN,
    SUMMARY,
    Mark,
    find_marks,
    mentions_fold,
)

MARKS = (OPEN, SUMMARY, CLOSE)
_CONTAINERS = ("blockquote_open", "list_item_open", "note_open")


def arrange(tokens: list[Token]) -> list[Token]:
    """Take the marks out of the paragraphs; pair those that are not at the top level."""
    return list(_paired(_split(tokens)))


def _split(tokens: list[Token]) -> Iterator[Token]:
    number = 0
    while number < len(tokens):
        token = tokens[number]
        text = tokens[number + 1].content if token.type == "paragraph_open" else ""
        marks = find_marks(text) if mentions_fold(text) else []
        if marks:
            yield from _parts(tokens[number : number + 3], marks)
            number += 3
        else:
            yield token
            number += 1


def _parts(paragraph: list[Token], marks: list[Mark]) -> Iterator[Token]:
    text, done = paragraph[1].content, 0
    for mark in marks:
        yield from _part(paragraph, text[done : mark.start])
        yield from _mark_tokens(paragraph, mark, text[mark.start : mark.end])
        done = mark.end
    yield from _part(paragraph, text[done:])


def _part(paragraph: list[Token], text: str) -> Iterator[Token]:
    if text.strip():
        yield paragraph[0].copy()
        yield paragraph[1].copy(content=text.strip(), children=[])
        yield paragraph[2].copy()


def _mark_tokens(paragraph: list[Token], mark: Mark, source: str) -> Iterator[Token]:
    meta = {"source": source, "is_hidden": paragraph[0].hidden}
    like = paragraph[0].copy(type=mark.type, hidden=False, meta=meta)
    if mark.type == SUMMARY:
        yield like.copy(tag="summary")
        yield paragraph[1].copy(content=mark.name, children=[])
        yield like.copy(type="summary_close", tag="summary", nesting=-1)
    else:
        yield like.copy(tag="", nesting=0)


def literal(tokens: list[Token]) -> list[Token]:
    """Return a mark that does not count as a paragraph of its source."""
    mark = tokens[0]
    like = mark.copy(tag="p", hidden=mark.meta["is_hidden"], meta={})
    text = Token("inline", "", 0, content=mark.meta["source"], children=[], level=mark.level + 1)
    return [
        like.copy(type="paragraph_open", nesting=1),
        text,
        like.copy(type="paragraph_close", nesting=-1),
    ]


def _paired(tokens: Iterator[Token]) -> Iterator[Token]:
    opened = [0]  # Folds that are open in each container.
    strays: list[Token] = []  # Ends that stand within, of what begins outside, or nowhere.
    before = None
    for token in tokens:
        if token.type in _CONTAINERS:
            opened.append(0)
        elif token.nesting == -1 and f"{token.type.removesuffix('close')}open" in _CONTAINERS:
            yield from _ends(token.level + 1, opened.pop())
        if token.type == CLOSE and len(opened) > 1 and not opened[-1]:
            strays.append(token)
        elif token.type in MARKS and len(opened) > 1:
            yield from _settled(token, tokens, before, opened)
        else:
            yield token
        before = token.type
        if token.level == 0 and token.nesting <= 0:
            yield from _at_top(strays)
            strays = []


def _at_top(marks: list[Token]) -> Iterator[Token]:
    return (mark.copy(level=0, meta={**mark.meta, "is_hidden": False}) for mark in marks)


def _settled(
    mark: Token, tokens: Iterator[Token], before: str | None, opened: list[int]
) -> Iterator[Token]:
    """Make a mark within a container the beginning or end of an element, or text."""
    if mark.type == OPEN and sum(opened) < MOST_OPEN:
        opened[-1] += 1
        yield Token("details_open", "details", 1, level=mark.level, block=True)
    elif mark.type == CLOSE:
        opened[-1] -= 1
        yield from _ends(mark.level, 1)
    elif mark.type == SUMMARY and before == OPEN:
        yield mark
    else:
        if mark.type == SUMMARY:  # Its text and its end.
            next(tokens)
            next(tokens)
        yield from literal([mark])


def _ends(level: int, count: int) -> Iterator[Token]:
    for _ in range(count):
        yield Token("details_close", "details", -1, level=level, block=True)


class Folds:
    """The folds that are open at the top level; each is HTML that waits for its end."""

    def __init__(self) -> None:
        self._open: list[list[str]] = []
        self._is_beginning = False

    def __bool__(self) -> bool:
        return bool(self._open)

    def takes(self, mark: str) -> bool:
        """Return whether a mark of this type counts now."""
        if mark == OPEN:
            return len(self._open) < MOST_OPEN
        return self._is_beginning if mark == SUMMARY else bool(self._open)

    def begin(self) -> None:
        self._open.append([])
        self._is_beginning = True

    def add(self, html: str) -> None:
        self._open[-1].append(html)
        self._is_beginning = False

    def end(self) -> str:
        """End the innermost fold; return its HTML if that was the outermost."""
        html = f'<div class="block" dir="auto"><details>{"".join(self._open.pop())}</details></div>'
        self._is_beginning = False
        if not self._open:
            return html
        self._open[-1].append(html)
        return ""
