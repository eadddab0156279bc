"""Rules for markdown-it that read formulas: on lines of their own, and in the line."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from apps.markdown.maths.converter import LONGEST_FORMULA
from apps.markdown.rules.block_starts import begins_anew
from apps.markdown.rules.dollars import find_formula
from apps.markdown.rules.formula_lines import ENVIRONMENT, begin_formula

_CLOSERS = {r"\[": r"\]", r"\(": r"\)"}
_PARTNERS = {r"\[": (True, "]"), r"\(": (True, ")"), r"\]": (False, "["), r"\)": (False, "(")}
_ESCAPED = re.compile(r"\\[][(){}\\,;:!|&%_#$ ]")
_TEX = re.compile(
    r"\\(?:begin|end|[dtc]?frac|sqrt|sum|prod|i?int|lim|text|math(?:rm|bf|bb|cal|sf|it)|left|right"
    r"|cdot|times|div|pm|q?quad|leq?|geq?|neq?|approx|equiv|in|infty|partial|nabla|forall|exists"
    r"|alpha|beta|gamma|delta|epsilon|theta|lambda|mu|pi|rho|sigma|tau|phi|omega|Delta|Omega"
    r"|Sigma|sin|cos|tan|log|ln|exp|hat|bar|vec|over(?:line|set)|under(?:line|set|brace)|boxed"
    r"|operatorname|binom|tag|label|ce|to|mapsto|(?:long)?(?:left|right)arrow|Rightarrow|implies)"
    r"(?![A-Za-z])"
)


def add_to(parser: MarkdownIt) -> None:
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    parser.block.ruler.before("table", "maths_block", _maths_block, interrupts)
    parser.inline.ruler.before("escape", "maths", maths)
    parser.inline.ruler.before("escape", "tex_source", _tex_source)


def as_formula(token: Token) -> Token:
    """Return a fenced block whose language is `math` as a formula; another stays."""
    if token.type == "fence" and token.info.split()[:1] == ["math"] and token.content.strip():
        return token.copy(type="maths_block", tag="math", content=token.content.strip())
    return token


def _maths_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a formula on lines of its own; there may be blank lines in it."""
    formula = None if state.is_code_block(start) else begin_formula(_line(state, start))
    if not formula:
        return False
    number, indent = start, min(state.blkIndent, state.sCount[start])
    while not formula.has_ended:
        number += 1
        is_outside = number >= end or (state.sCount[number] < indent and not state.isEmpty(number))
        if formula.has_failed or is_outside:
            return False
        line = _line(state, number)
        formula.take(line, is_block=begins_anew(line))
    if not silent:
        token = state.push("maths_block", "math", 0)
        token.content = formula.source
        token.map = [start, number + 1]
        state.line = number + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def maths(state: StateInline, silent: bool) -> bool:
    """Read a formula in the line."""
    if state.src[state.pos] not in "$\\":
        return False
    if state.src[state.pos] == "$":
        match = find_formula(state.src, state.pos, state.posMax)
        source, after = (match[1].strip(), match.end()) if match else ("", 0)
    else:
        source, after = _between_commands(state)
    if not source:
        return False
    if not silent:
        token = state.push("maths_inline", "math", 0)
        token.content = source
        is_display = state.src.startswith(("$$", r"\[", r"\begin"), state.pos)
        token.meta = {"display": is_display}
    state.pos = after
    return True


def _between_commands(state: StateInline) -> tuple[str, int]:
    """Return the formula that begins with `\\(`, `\\[` or `\\begin{…}`, and where it has ended."""
    start = state.pos
    if environment := ENVIRONMENT.match(state.src, start, state.posMax):
        closer = rf"\end{{{environment[1]}}}"
        end = state.src.find(closer, start, start + LONGEST_FORMULA)
        after = end + len(closer)
        return (state.src[start:after], after) if end >= 0 and after <= state.posMax else ("", 0)
    found = _CLOSERS.get(state.src[start : start + 2])
    end = state.src.find(found, start + 2, start + 2 + LONGEST_FORMULA) if found else -1
    if end < 0 or end + 2 > state.posMax:
        return "", 0
    return state.src[start + 2 : end].strip(), end + 2


def _tex_source(state: StateInline, silent: bool) -> bool:
    """Leave the backslash where TeX stays source, though Markdown reads an escape there."""
    escaped = _ESCAPED.match(state.src, state.pos, state.posMax)
    if not escaped or not _is_tex(state, escaped[0]):
        return False
    if not silent:
        state.pending += escaped[0]
    state.pos += 2
    return True


def _is_tex(state: StateInline, escape: str) -> bool:
    if escape in _PARTNERS:
        is_first, partner = _PARTNERS[escape]
        rest = state.src[state.pos + 2 :] if is_first else state.src[: state.pos]
        if partner not in rest:
            return True
    return _has_tex(state.src)


@lru_cache(maxsize=16)
def _has_tex(source: str) -> bool:
    return bool(_TEX.search(source))
