"""Parlor's own rules for markdown-it: footnotes, maths, bare links; what else differs."""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_inline import StateInline

from apps.chat import (
    markdown_fold_marks,
    markdown_inline_html,
    markdown_links,
    markdown_lists,
    markdown_tables,
)
from apps.chat.markdown_emphasis import CjkFriendlyInline
from apps.chat.markdown_lines import NOTE, begins_anew
from apps.chat.maths import LONGEST_FORMULA

DEEPEST = 20  # Blocks within blocks, of which a list counts two; emphasis within emphasis.

_LONGEST_MATHS = 60  # Lines.
_LINK = re.compile(r"https?://[^/?#\s]|mailto:.", re.IGNORECASE)
_NOTE = re.compile(NOTE)
_NOTE_REFERENCE = re.compile(NOTE.removeprefix(" {0,3}").removesuffix(":"))
# Pandoc's rule, and no letters close by, for $HOME/$PATH is not maths; the $n$th is.
_DOLLARS = re.compile(
    rf"""(?<![A-Za-z0-9\\$]) \$ (?![\s$])
    ((?:[^$\\]|\\.){{1,{LONGEST_FORMULA}}}?)
    (?<!\s) \$ (?!\d | (?!(?:th|st|nd|rd|s)\b)[A-Za-z_])""",
    re.DOTALL | re.ASCII | re.VERBOSE,
)
_CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return bool(_LINK.match(url))


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


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a link's definition, and show it too.

    Blocks before it are on the page already, so that their `[label]` is only text: the definition
    must be there to be seen.
    """
    if not reference(state, start, end, silent):
        return False
    if not silent:
        paragraph = state.push("paragraph_open", "p", 1)
        paragraph.map, paragraph.meta = [start, state.line], {"is_definition": True}
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


def _make_parser() -> _Parser:
    parser = _Parser("commonmark", {"html": False, "xhtmlOut": False, "tasklists": True})
    parser.inline = CjkFriendlyInline()
    parser.options["maxNesting"] = DEEPEST
    parser.options["breaks"] = True
    parser.enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline", "linkify"])
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    parser.block.ruler.at("reference", _definition)
    parser.block.ruler.before("reference", "note", _note, interrupts)
    parser.block.ruler.before("table", "maths_block", _maths_block, interrupts)
    parser.inline.ruler.before("escape", "maths", _maths)
    parser.inline.ruler.before("link", "note_reference", _note_reference)
    markdown_fold_marks.add_to(parser)
    markdown_inline_html.add_to(parser)
    markdown_links.add_to(parser)
    markdown_lists.add_to(parser)
    markdown_tables.add_to(parser, literal=[_maths])
    parser.render("a")  # Compiles the rules, which two threads at once would get wrong.
    return parser


PARSER = _make_parser()
