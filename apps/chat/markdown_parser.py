"""The Markdown that Parlor reads: CommonMark, tables, task lists, footnotes, maths, bare links."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, reference, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore, inline, text_join
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from apps.chat.markdown_lines import NOTE, begins_anew, is_other_than_text
from apps.chat.maths import LONGEST_FORMULA

URL = re.compile(
    r"https?://\w[^\s<>\"`\[\]{}|\\^*，。、；：！？（）《》「」『』【】“”…]{1,2000}", re.IGNORECASE
)

_DEEPEST = 20  # Blocks within blocks; a list counts two.
_MOST_MATHS = 40_000  # Characters in one reply; each costs some 20 µs.
_LONGEST_MATHS = 60  # Lines.
_LINK = re.compile(r"https?://[^/?#\s]|mailto:.", re.IGNORECASE)
_NOTE = re.compile(NOTE)
_NOTE_REFERENCE = re.compile(NOTE.removeprefix(" {0,3}").removesuffix(":"))
_LETTER = re.compile(r"[^\W\d_]")
# Pandoc's rule, and no letters close by, for $HOME/$PATH is not maths; the $n$th is.
_DOLLARS = re.compile(
    rf"""(?<![A-Za-z0-9\\$]) \$ (?![\s$])
    ((?:[^$\\]|\\.){{1,{LONGEST_FORMULA}}}?)
    (?<!\s) \$ (?!\d | (?!(?:th|st|nd|rd|s)\b)[A-Za-z_])""",
    re.DOTALL | re.ASCII | re.VERBOSE,
)
_CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}


@dataclass
class Reply:
    """What the blocks of one reply know of those before them."""

    prefix: str = ""
    notes: dict[str, int] = field(default_factory=dict)  # A footnote's label to its number.
    referenced: set[int] = field(default_factory=set)
    defined: set[int] = field(default_factory=set)
    maths: int = 0  # Characters.
    links: dict[str, Any] = field(default_factory=dict)  # markdown-it's, for [label]: definitions.

    def note(self, label: str) -> int:
        return self.notes.setdefault(label, len(self.notes) + 1)


class Block(NamedTuple):
    """A top-level block."""

    type: str  # Of its first token.
    start: int  # The number of its first line.
    is_open_fence: bool
    tokens: list[Token]


class TooDeep(ValueError):
    """Blocks lie so deep within one another that markdown-it would leave out text."""


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return bool(_LINK.match(url))


def find_blocks(lines: list[str], reply: Reply) -> list[Block]:
    """Find the top-level blocks; what is in them is not read yet. Raise TooDeep."""
    tokens: list[Token] = []
    PARSER.block.parse("\n".join(lines) + "\n", PARSER, reply.links, tokens)
    if any(token.nesting == 1 and token.level + 1 >= _DEEPEST for token in tokens):
        raise TooDeep
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
    mark = lines[end - 1].strip(" \t")
    return end - start < 2 or mark.strip(token.markup[0]) != "" or not mark.startswith(token.markup)


def read(tokens: list[Token], reply: Reply) -> None:
    """Parse what is in the blocks, and make the tokens fit for a page."""
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
        token.children = list(_polish_inline(token.children or [], reply))
    elif token.type == "note_open":
        number = reply.note(token.meta["label"])
        token.meta.update(number=number, is_first=number not in reply.defined)
        token.meta["is_referenced"] = number in reply.referenced
        reply.defined.add(number)
    elif token.type == "maths_block":
        _count_maths(token, reply)
    elif token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"  # The page has h1 and h2 of its own.
    elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
        token.attrs["class"] = "table__cell--" + str(style).removeprefix("text-align:")
    if token.nesting == 1 and token.tag in ("p", "li", "td", "th", "h3", "h4", "h5", "h6"):
        token.attrs["dir"] = "auto"


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


def _polish_inline(tokens: list[Token], reply: Reply) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.nesting if token.tag == "a" else 0
        if token.type == "image":
            yield from _image_as_link(token, is_in_link=depth > 0)
            continue
        if token.type == "maths_inline":
            _count_maths(token, reply)
        elif token.type == "note_reference":
            number = reply.note(token.meta["label"])
            token.meta.update(number=number, is_first=number not in reply.referenced)
            reply.referenced.add(number)
        yield token


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
        "\n" if token.tag == "br" else token.content + _text(token.children or [])
        for token in tokens
        if token.type != "image" or token.children
    )


def _note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a footnote: `[^1]: text`, at the top level, and what is indented by four after it."""
    match = _NOTE.match(state.src[state.bMarks[start] : state.eMarks[start]])
    if not match or state.sCount[start] > 3:
        return False
    if silent:
        # In a quotation a line begins after its mark, in a list item it is indented.
        is_whole_line = state.bMarks[start] == 0 or state.src[state.bMarks[start] - 1] == "\n"
        return is_whole_line and (not state.blkIndent or state.sCount[start] < state.blkIndent)
    if state.level or state.blkIndent:
        return False
    token = state.push("note_open", "div", 1)
    token.meta = {"label": match[1]}
    old = state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType
    text = state.bMarks[start] + match.end()
    content = state.skipSpaces(text)
    state.bMarks[start], state.tShift[start] = text, content - text
    state.sCount[start] = state.blkIndent = 4
    state.parentType = "footnote"
    if content < state.eMarks[start] or not state.isEmpty(start + 1):
        state.md.block.tokenize(state, start, end)
    else:
        state.line = start + 1
    state.blkIndent = 0
    state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType = old
    token.map = [start, state.line]
    state.push("note_close", "div", -1)
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table; markdown-it alone would take a heading or a list item for its first row."""
    first = len(state.tokens)
    if is_other_than_text(_line(state, start)) or not table(state, start, end, silent):
        return False
    columns = 0
    for number, token in enumerate(state.tokens[first:], first):
        columns += token.type == "th_open"
        if token.type == "tr_close" and state.tokens[number - 1].type == "td_close":
            _keep_further_cells(state, state.tokens[number - 2], columns)
    return True


def _keep_further_cells(state: StateBlock, cell: Token, columns: int) -> None:
    """Put into the last cell of a row what the table has no columns for, and would leave out."""
    cells = escapedSplit(_line(state, (cell.map or [0])[0]).strip())
    further = cells[columns + (cells[0] == "") :]
    if any(further):
        cell.content = " | ".join([cell.content, *further]).strip(" |")


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a link's definition, and show it too.

    Blocks before it are on the page already, so that their `[label]` is only text: the definition
    must be there to be seen.
    """
    if not reference(state, start, end, silent):
        return False
    if not silent:
        state.push("paragraph_open", "p", 1).map = [start, state.line]
        token = state.push("inline", "", 0)
        token.content = state.getLines(start, state.line, state.blkIndent, False).strip()
        token.map = [start, state.line]
        token.children = []
        state.push("paragraph_close", "p", -1)
    return True


def _maths_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a formula on lines of its own: `$$ … $$` or `\\[ … \\]`, without a blank line in it."""
    if state.is_code_block(start):
        return False
    line = _line(state, start)
    closer = _CLOSERS.get(line[:2])
    if closer is None or line[:2] == r"\(":
        return False
    lines = [line[2:]]
    while closer not in lines[-1]:
        number = start + len(lines)
        if number >= end or len(lines) >= _LONGEST_MATHS or state.sCount[number] < state.blkIndent:
            return False
        lines.append(_line(state, number))
        if not lines[-1] or begins_anew(lines[-1]) or lines[-1].startswith(r"\["):
            return False
    source = "\n".join(lines).rstrip()
    if source.find(closer) != len(source) - 2 or not source[:-2].strip():
        return False
    if not silent:
        token = state.push("maths_block", "math", 0)
        token.content = source[:-2].strip()
        token.map = [start, start + len(lines)]
        state.line = start + len(lines)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _maths(state: StateInline, silent: bool) -> bool:
    opener = state.src[state.pos : state.pos + 2]
    if opener in _CLOSERS:
        start = state.pos + 2
        end = state.src.find(_CLOSERS[opener], start, start + LONGEST_FORMULA)
        source, after = state.src[start:end].strip(), end + 2
        if end < 0 or after > state.posMax or not source:
            return False
    else:
        match = opener[0] == "$" and _DOLLARS.match(state.src, state.pos, state.posMax)
        if not match:
            return False
        source, after = match[1], match.end()
    if not silent:
        token = state.push("maths_inline", "math", 0)
        token.content = source
        token.meta = {"display": opener in ("$$", r"\[")}
    state.pos = after
    return True


def _note_reference(state: StateInline, silent: bool) -> bool:
    match = _NOTE_REFERENCE.match(state.src, state.pos, state.posMax)
    if not match or (state.linkLevel and not silent):
        return False
    if not silent:
        state.push("note_reference", "sup", 0).meta = {"label": match[1]}
    state.pos = match.end()
    return True


def _bare_link(state: StateInline, silent: bool) -> bool:
    """Make a link of a bare http or https address; it is found at its colon."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = re.search(r"(?<![A-Za-z0-9])https?$", state.pending[-8:], re.IGNORECASE)
    if not scheme:
        return False
    start = state.pos - len(scheme[0])
    url = find_url(state.src, start)
    address = state.md.normalizeLink(url)
    if not url or not state.md.validateLink(address):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs = {"href": address}
    state.push("text", "", 0).content = url
    state.push("link_close", "a", -1)
    state.pos = start + len(url)
    return True


def find_url(text: str, start: int) -> str:
    """Return the address that starts there, without the punctuation that ends the sentence."""
    match = URL.match(text, start)
    url = match[0] if match else ""
    while url and url[-1] in ".,;:!?'\")_~$":
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        url = url[:-1]
    return url


def _make_parser() -> _Parser:
    parser = _Parser("commonmark", {"html": False, "xhtmlOut": False, "tasklists": True})
    parser.options["maxNesting"] = _DEEPEST
    parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.at("reference", _definition)
    parser.block.ruler.before("reference", "note", _note, interrupts)
    parser.block.ruler.before("table", "maths_block", _maths_block, interrupts)
    parser.inline.ruler.before("escape", "maths", _maths)
    parser.inline.ruler.before("escape", "bare_link", _bare_link)
    parser.inline.ruler.before("link", "note_reference", _note_reference)
    return parser


PARSER = _make_parser()
