"""Parlor's own rules for markdown-it: footnotes, maths, bare links; what else differs."""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_inline import StateInline

from apps.markdown.rules import autolinks, details_tags, formulas, inline_html, lists, tables
from apps.markdown.rules.block_starts import NOTE
from apps.markdown.rules.emphasis import CjkFriendlyInline

DEEPEST = 20  # Blocks within blocks, of which a list counts two; emphasis within emphasis.

_LINK = re.compile(r"https?://[^/?#\s]|mailto:.", re.IGNORECASE)
_NOTE = re.compile(NOTE)
_NOTE_REFERENCE = re.compile(NOTE.removeprefix(" {0,3}").removesuffix(":"))


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
    formulas.add_to(parser)
    parser.inline.ruler.before("link", "note_reference", _note_reference)
    details_tags.add_to(parser)
    inline_html.add_to(parser)
    autolinks.add_to(parser)
    lists.add_to(parser)
    tables.add_to(parser, literal=[formulas.maths])
    parser.render("a")  # Compiles the rules, which two threads at once would get wrong.
    return parser


PARSER = _make_parser()
