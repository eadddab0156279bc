"""LaTeX maths as MathML that is safe to put into a page."""

from functools import lru_cache
from html import escape
from xml.etree.ElementTree import ParseError

from math_core import LatexError, LatexToMathML

from apps.markdown.maths.mathml import write_mathml
from apps.markdown.maths.rewriting import Formula
from apps.markdown.maths.tokens import TexError, depth_of

LONGEST_FORMULA = 2_000  # Characters.
_DEEPEST = 60  # What lies within one another in the source,
_DEEPEST_TEX = 150  # and in what the converter is given: it would overflow the stack at 1,000.
_LONGEST_TEX = 100_000

_CONVERTER = LatexToMathML(allow_unreliable_rendering=True, fancy_error=False)


@lru_cache(maxsize=256)
def to_mathml(source: str, *, display: bool) -> str | None:
    """Turn LaTeX into a `math` element with the source as `alttext`, or None where that fails.

    The element is written tag by tag from the tree that the converter returns: MathML Core and
    escaped text, nothing else. So nothing in it can be read as HTML. The source stands beside it,
    for whoever copies it.
    """
    if len(source) > LONGEST_FORMULA or not source.strip():
        return None
    try:
        content = _convert(source, display)
    except (TexError, LatexError, ParseError, RecursionError):
        return None
    kind = "block" if display else "inline"
    return (
        f'<math display="{kind}" alttext="{escape(source)}">{content}</math>'
        f'<span class="maths__source" aria-hidden="true">'
        f"<q>{escape(source, quote=False)}</q></span>"  # Text browsers set it apart by quotes.
    )


def _convert(source: str, display: bool) -> str:
    if depth_of(source) > _DEEPEST:
        raise TexError("too deep")
    formula = Formula(source)
    if len(formula.tex) > _LONGEST_TEX or depth_of(formula.tex) > _DEEPEST_TEX:
        raise TexError("too long")
    xml = _CONVERTER.convert_with_local_state(formula.tex, displaystyle=display)
    content = write_mathml(xml, formula.looks)
    if not content:
        raise TexError("nothing to show")
    return content
