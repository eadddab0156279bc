"""The examples of CommonMark 0.31.2, and of GFM's extensions, given to Parlor's parser.

commonmark.json holds the number, section, Markdown and HTML of each example, from
https://spec.commonmark.org/0.31.2/ by John MacFarlane, under CC-BY-SA 4.0.
"""

import copy
import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.utils import OptionsDict

from apps.markdown.rules.plugins import PARSER

EXAMPLES = json.loads((Path(__file__).parent / "commonmark.json").read_text())

DEVIATIONS = {
    "raw HTML is text": {
        *(21, 31, *range(148, 192), 201, 308, 309, 344, 475, 476, 477, 491, 494, 524, 536),
        *(613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631, 642, 643),
    },
    "bare addresses are links, as in GFM": {602, 608, 611},
    "what is two columns in belongs to an item": {297},
    r"`\\[` and `\\]` are signs of TeX": {12},
}
DEVIATING = {number for numbers in DEVIATIONS.values() for number in numbers}


def rendered(markdown):
    """Render the whole text, with what is Parlor's own way of showing it taken back."""
    parser = copy.copy(PARSER)
    parser.validateLink = MarkdownIt().validateLink  # The examples link to `/url`.
    options = OptionsDict({**parser.options, "breaks": False, "xhtmlOut": True})
    tokens = parser.parse(markdown)
    shown = [number for number, token in enumerate(tokens) if token.meta.get("is_definition")]
    for number in reversed(shown):  # Definitions are shown as paragraphs, too.
        del tokens[number : number + 3]
    html = RendererHTML().render(tokens, options, {})
    return html.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")


@pytest.mark.parametrize(
    ("number", "markdown", "html"), [(number, text, html) for number, _, text, html in EXAMPLES]
)
def test_commonmarks_examples_come_out_as_they_should(number, markdown, html):
    assert (rendered(markdown) == html) != (number in DEVIATING)
