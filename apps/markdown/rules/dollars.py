"""Tell formulas between dollar signs from money, variables of shells, and other dollar signs.

Both signs of a pair are looked at, and what lies between: a sentence is no formula.
"""

import re

from apps.markdown.maths.converter import LONGEST_FORMULA

# Pandoc's rule, and no letters close by, for $HOME/$PATH is not maths; the $n$th is.
_PAIR = re.compile(
    rf"""(?<![A-Za-z0-9\\$]) \$ (?![\s$])
    ((?:[^$\\]|\\.){{1,{LONGEST_FORMULA}}}?)
    (?<!\s) \$ (?![\d$] | (?!(?:th|st|nd|rd|s)\b)[A-Za-z_])""",
    re.DOTALL | re.ASCII | re.VERBOSE,
)
_TICKED = re.compile(r"(?<![A-Za-z0-9\\$`])\$`((?:[^`\\\n]|\\.){1,500})`\$(?![`$])")
_TWO = re.compile(r"(?<![\\$])\$\$(?!\$)((?:[^$\\]|\\.){1,2000}?)\$\$(?!\$)", re.DOTALL)

_TEXT = re.compile(r"\\(?:text\w*|mbox|mathrm|operatorname\*?|begin|end|color|tag)\s*\{[^{}]*\}")
_COMMAND = re.compile(r"\\[A-Za-z]+|\\[,;:!{}|\\$%&#_()\[\] ]")
_AMOUNT = re.compile(r"\d[\d.,']*\s?(?:[kKmMbB]n?|bn|mn|[Mm]io\.?|[Mm]rd\.?)?(?![\w^{])")
_UNIT = re.compile(r"[\d.,]+ ?[a-zµ%°]{1,3}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,},? +[^\W\d_]{2,}|[.;!?] +[^\W\d_]{2,}")
_NO_FORMULA = re.compile(
    r"[#@\"“”„«»€£¥₹、。，；：！？`]|\*\*|~~|://|&&|\]\(|<br|[.;:,]\s*$|\n\s*\n"
)
_SMALL_WORDS = re.compile(
    r"(?<![^\W_])(?:a|an|and|are|as|at|but|by|each|for|from|he|in|is|it|less|more|of|off|on|only"
    r"|or|per|plus|she|so|than|that|the|then|they|to|versus|vs|was|we|were|with|you|your"
    r"|und|oder|bis|pro|für|von|der|die|das|mit|et|ou|par|de|le|la|les|un|une|y|o|por|el|los|e)"
    r"(?![^\W_])"
)
_FUNCTIONS = re.compile(
    r"\b(?:sin|cos|tan|cot|sec|csc|log|ln|lg|exp|max|min|sup|inf|lim|mod|det|gcd|lcm|deg|dim|ker"
    r"|arg|sinh|cosh|tanh|arcsin|arccos|arctan)\b"
)
_PREFIX = re.compile(r"(?<![^\W_])[A-Z]{1,3}\Z")  # US$, NT$, R$.
_ENDS_OPEN = re.compile(r"[(\[{/,–—~-]\Z|(?<!\d)[+]\Z")


def find_formula(source: str, start: int, end: int) -> re.Match[str] | None:
    """Find the formula that begins with the dollar sign there: its content is the first group."""
    if source.startswith("$`", start):
        return _TICKED.match(source, start, end)
    if source.startswith("$$", start):
        match = _TWO.match(source, start, end)
        return match if match and _can_stand_apart(match[1].strip()) else None
    match = _PAIR.match(source, start, end)
    if match and _can_be_formula(match[1], source[match.end() : match.end() + 3]):
        return match
    return None


def is_prose(text: str) -> bool:
    """Return whether there are words of a sentence in the text."""
    plain = _COMMAND.sub(" 0 ", _TEXT.sub(" 0 ", text))
    return bool(_SENTENCE.search(_FUNCTIONS.sub("0", plain)))


def _can_stand_apart(content: str) -> bool:
    if "\\" in content:
        return True
    has_signs = any(character.isalnum() for character in content)
    return has_signs and not (_SMALL_WORDS.search(content) or is_prose(content))


def _can_be_formula(content: str, after: str) -> bool:
    plain = _FUNCTIONS.sub("0", _COMMAND.sub(" 0 ", _TEXT.sub(" 0 ", content)))
    amount = _AMOUNT.match(content)
    has_commands = "\\" in content
    if amount and _goes_on_in_words(plain, plain[amount.end() :]):
        return False
    if has_commands:
        return True
    if _is_sign_of_currency(content, after) or _NO_FORMULA.search(content):
        return False
    if content[0] in "({" and after[:1] == content[0]:  # $(pwd):$(ls), ${A}:${B}
        return False
    is_uneven = content.count("(") != content.count(")")
    if after[:1] == "{" or (amount and (is_uneven or _ENDS_OPEN.search(content))):
        return False
    return not (_has_small_words(plain) or is_prose(content))


def _has_small_words(plain: str) -> bool:
    """Return whether words stand in it that are not letters of a formula: `a` alone may be one."""
    return any(len(word[0]) > 1 for word in _SMALL_WORDS.finditer(plain))


def _goes_on_in_words(plain: str, rest: str) -> bool:
    """Return whether what begins with an amount is about money, not `5 = x`."""
    word = _WORD.search(rest)
    if not word or _UNIT.fullmatch(plain):
        return False
    before = rest[: word.start()]
    return bool(_SMALL_WORDS.search(rest)) or not re.search(r"[=<>+*^_0]", before)


def _is_sign_of_currency(content: str, after: str) -> bool:
    """Return whether the second sign is that of another amount: `$5 or US$ 30`."""
    return bool(_PREFIX.search(content) and re.match(r"[\s\u00a0]?\d", after))
