"""What a reply's Markdown says: its top-level blocks, as tokens that are fit for a page."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markdown_it.rules_core import StateCore, inline, text_join
from markdown_it.token import Token

from apps.markdown.rules.alerts import mark_alerts
from apps.markdown.rules.autolinks import link_mail
from apps.markdown.rules.details import arrange
from apps.markdown.rules.details_tags import mentions_fold
from apps.markdown.rules.formulas import as_formula
from apps.markdown.rules.inline_html import pair_tags
from apps.markdown.rules.lists import number_items
from apps.markdown.rules.plugins import DEEPEST, PARSER

_MOST_MATHS = 40_000  # Characters in one reply; each costs some 20 µs.
_LETTER = re.compile(r"[^\W\d_]")
_DIRECTED = frozenset(("p", "li", "td", "th", "h3", "h4", "h5", "h6", "summary"))
_BREAKS = {"softbreak": " ", "hardbreak": " "}


@dataclass
class Reply:
    """What the blocks of one reply know of those before them."""

    prefix: str = ""
    notes: dict[str, int] = field(default_factory=dict)  # A footnote's label to its number.
    referenced: set[int] = field(default_factory=set)
    defined: set[int] = field(default_factory=set)
    maths: int = 0  # Characters.
    sections: list[int] = field(default_factory=list)  # Source levels of the headings it is under.
    links: dict[str, Any] = field(default_factory=dict)  # markdown-it's, for [label]: definitions.
    early: set[int] = field(default_factory=set)  # Footnotes that nothing before them refers to.
    known: "Reply | None" = None  # The same reply, read to its end.

    def note(self, label: str) -> int:
        return self.notes.setdefault(label, len(self.notes) + 1)

    def is_defined(self, label: str) -> bool:
        return self.notes.get(label) in self.defined

    def is_referenced(self, label: str) -> bool:
        return self.notes.get(label) in self.referenced

    @property
    def looks_ahead(self) -> bool:
        """Return whether the blocks would be others, had it been known what comes after them."""
        undefined = self.referenced - self.defined
        return bool(self.links.get("references") or undefined or self.early & self.referenced)

    def begin_again(self) -> "Reply":
        references = dict(self.links.get("references", {}))
        return Reply(self.prefix, links={"references": references}, known=self)

    def begin_section(self, level: int) -> None:
        while self.sections and self.sections[-1] >= level:
            self.sections.pop()
        self.sections.append(level)

    @property
    def heading(self) -> str:
        """Name the tag of the last section's heading; none lies two levels below the one before."""
        return f"h{min(len(self.sections) + 2, 6)}"  # The page has h1 and h2 of its own.


class Block(NamedTuple):
    """A top-level block."""

    type: str  # Of its first token.
    start: int  # The number of its first line.
    is_open_fence: bool
    tokens: list[Token]


class TooDeep(ValueError):
    """Blocks lie so deep within one another that markdown-it would leave out text."""


def find_blocks(lines: list[str], reply: Reply) -> list[Block]:
    """Find the top-level blocks; what is in them is not read yet. Raise TooDeep."""
    tokens: list[Token] = []
    text = "\n".join(lines) + "\n"
    PARSER.block.parse(text, PARSER, reply.links, tokens)
    if any(token.nesting == 1 and token.level + 1 >= DEEPEST for token in tokens):
        raise TooDeep
    if mentions_fold(text):
        tokens = arrange(tokens)
    return list(_top_level(tokens, lines))


def _top_level(tokens: list[Token], lines: list[str]) -> Iterator[Block]:
    start = 0
    for end, token in enumerate(tokens, 1):
        if token.level == 0 and token.nesting <= 0:
            first = tokens[start]
            line = first.map[0] if first.map else 0
            yield Block(first.type, line, _is_open(first, lines), tokens[start:end])
            start = end


def _is_open(token: Token, lines: list[str]) -> bool:
    if token.type != "fence" or not token.map:
        return False
    start, end = token.map
    last = lines[end - 1].expandtabs(4)
    mark = last.strip(" ") if last[:4].strip(" ") else ""
    return end - start < 2 or mark.strip(token.markup[0]) != "" or not mark.startswith(token.markup)


def read(tokens: list[Token], reply: Reply) -> None:
    """Parse what is in the blocks, and make the tokens fit for a page."""
    tokens[:] = map(as_formula, tokens)
    mark_alerts(tokens)
    number_items(tokens)
    state = StateCore("", PARSER, reply.links)
    state.tokens = tokens
    inline(state)
    text_join(state)
    for token in tokens:
        _polish(token, reply)
    _mark_tasks(tokens)


def direction(tokens: list[Token]) -> str:
    """Tell the direction of a block: "rtl" if its first letter asks for it, else "auto".

    `dir="auto"` alone would not do: it leaves out of account what has a `dir` of its own, and so
    would set the markers of an Arabic list to its left.
    """
    for token in tokens:
        letter = _LETTER.search(token.content) if token.type == "inline" else None
        if letter:
            return "rtl" if unicodedata.bidirectional(letter[0]) in ("R", "AL") else "auto"
    return "auto"


def _polish(token: Token, reply: Reply) -> None:
    if token.type == "inline":
        children = pair_tags(token.children or [])
        token.children = list(_polish_inline(_shallow(children), reply))
    elif token.type == "note_open":
        number = reply.note(token.meta["label"])
        token.meta.update(number=number, is_first=number not in reply.defined)
        is_known = reply.known and reply.known.is_referenced(token.meta["label"])
        token.meta["is_referenced"] = is_known or number in reply.referenced
        reply.defined.add(number)
        if number not in reply.referenced:
            reply.early.add(number)
    elif token.type == "maths_block":
        _count_maths(token, reply)
    elif token.type == "heading_open":
        reply.begin_section(int(token.tag[1]))
        token.tag = reply.heading
    elif token.type == "heading_close":
        token.tag = reply.heading
    elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
        token.attrs["class"] = "table__cell--" + str(style).removeprefix("text-align:")
    if token.nesting == 1 and token.tag in _DIRECTED:
        token.attrs["dir"] = "auto"


def _shallow(children: list[Token]) -> Iterator[Token]:
    """Leave out emphasis within emphasis without end: markdown-it limits only what is in links."""
    depth = 0
    for token in children:
        depth += token.nesting == 1
        if token.nesting == 0 or depth <= DEEPEST:
            yield token
        depth -= token.nesting == -1


def _mark_tasks(tokens: list[Token]) -> None:
    for number in range(len(tokens) - 1, -1, -1):  # Backwards, for it grows.
        if tokens[number].type != "list_item_open" or "checked" not in tokens[number].meta:
            continue
        task = Token("task", "", 0, meta={"is_done": tokens[number].meta.pop("checked")})
        text = tokens[number + 2]
        if text.type == "inline":
            text.children = [task, *(text.children or [])]
        else:
            tokens.insert(number + 1, task)


def _count_maths(token: Token, reply: Reply) -> None:
    reply.maths += len(token.content)
    token.meta["is_source"] = reply.maths > _MOST_MATHS


def _polish_inline(tokens: Iterable[Token], reply: Reply) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.nesting if token.tag == "a" else 0
        if token.type == "image":
            yield from _image_as_link(token, is_in_link=depth > 0)
            continue
        if token.type == "text" and not depth and "@" in token.content:
            yield from link_mail(token)
            continue
        if token.type == "maths_inline":
            _count_maths(token, reply)
        elif token.type == "note_reference" and not _is_note(token, reply):
            yield Token("text", "", 0, content=f"[^{token.meta['label']}]")
            continue
        elif token.type == "note_reference":
            number = reply.note(token.meta["label"])
            token.meta.update(number=number, is_first=number not in reply.referenced)
            reply.referenced.add(number)
        yield token


def _is_note(reference: Token, reply: Reply) -> bool:
    """Return whether there is, or may still come, what the reference refers to."""
    return reply.known is None or reply.known.is_defined(reference.meta["label"])


def _image_as_link(image: Token, *, is_in_link: bool) -> Iterator[Token]:
    """Name an image without loading it: its address could carry away what the page holds."""
    name = _text(image.children or []) or str(image.attrs["src"])
    text = Token("text", "", 0, content=name)
    if is_in_link:
        yield text
        return
    attributes = {"href": image.attrs["src"]}
    if "title" in image.attrs:
        attributes["title"] = image.attrs["title"]
    yield Token("link_open", "a", 1, attrs=attributes)
    yield text
    yield Token("link_close", "a", -1)


def _text(tokens: list[Token]) -> str:
    return "".join(
        _text(token.children or [])
        if token.type == "image"
        else _BREAKS.get(token.type, token.content)
        for token in tokens
    )
