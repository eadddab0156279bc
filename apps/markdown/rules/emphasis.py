"""Where emphasis may begin and end: CommonMark's rule, with the CJK-friendly amendments.

https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md: in Chinese, Japanese and
Korean no space stands beside emphasis. So their punctuation counts as letters do, and other
punctuation inside a delimiter run does no harm where such a character stands outside it.
"""

from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, east_asian_width

from markdown_it import MarkdownIt
from markdown_it.common.utils import isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

# Characters of the script Hangul that are not wide: vowels and final consonants.
_NARROW_HANGUL = ((0x1160, 0x11FF), (0xD7B0, 0xD7FB))
# The wide characters that have Emoji_Presentation stand in these, and no others but those below.
_EMOJI = ((0x231A, 0x27BF), (0x2B1B, 0x2B55), (0x1F000, 0x1F1FF), (0x1F300, 0x1FAFF))
_NO_EMOJI = ((0x2329, 0x232A), (0x2630, 0x2637), (0x268A, 0x268F))
_SQUARED_EMOJI = tuple((code, code) for code in (0x1F201, 0x1F21A, 0x1F22F, 0x1F250, 0x1F251))
_SQUARED_EMOJI += ((0x1F232, 0x1F236), (0x1F238, 0x1F23A))
_IDEOGRAPHIC_SELECTORS = ((0xE0100, 0xE01EF),)
_SELECTORS = "".join(map(chr, range(0xFE00, 0xFE0F)))  # Without that of emoji.
_QUOTATION_MARKS = "‘’“”"  # With the selector U+FE01 they are full-width.


class _Kind(NamedTuple):
    """What a character, with its variation selector, is beside a delimiter run."""

    is_space: bool
    is_punctuation: bool
    is_cjk: bool


def _is_in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _is_cjk(character: str) -> bool:
    code = ord(character)
    width = east_asian_width(character)
    if width == "W":
        is_emoji = _is_in(code, _EMOJI) and not _is_in(code, _NO_EMOJI)
        return not is_emoji and not _is_in(code, _SQUARED_EMOJI)
    return width in ("F", "H") or _is_in(code, _NARROW_HANGUL)


@lru_cache(maxsize=4096)
def _kind(character: str, selector: str = "") -> _Kind:
    is_full_width = selector == "\ufe01" and character in _QUOTATION_MARKS
    return _Kind(
        is_space=isWhiteSpace(ord(character)),
        is_punctuation=category(character)[0] in "PS",
        is_cjk=is_full_width or _is_cjk(character),
    )


def _kind_before(text: str, start: int) -> _Kind:
    last = text[start - 1] if start else " "
    if last in _SELECTORS and start > 1 and not isWhiteSpace(ord(text[start - 2])):
        return _kind(text[start - 2], last)
    if _is_in(ord(last), _IDEOGRAPHIC_SELECTORS):
        return _Kind(is_space=False, is_punctuation=False, is_cjk=True)
    return _kind(last)


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Measure the delimiter run; `canSplitWord` is False for `_`, True for all others."""
        text, end = self.src, start
        while end < self.posMax and text[end] == text[start]:
            end += 1
        before = _kind_before(text, start)
        after = _kind(text[end] if end < self.posMax else " ")
        if before.is_space or after.is_space:
            can_open, can_close = not after.is_space, not before.is_space
        elif canSplitWord and (before.is_cjk or after.is_cjk):
            can_open = can_close = True
        else:
            splits = canSplitWord
            can_open = before.is_punctuation or (splits and not after.is_punctuation)
            can_close = after.is_punctuation or (splits and not before.is_punctuation)
        return Scanned(can_open, can_close, end - start)


class CjkFriendlyInline(ParserInline):
    """markdown-it's parser of what stands in a block, with this rule for all delimiter runs."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens
