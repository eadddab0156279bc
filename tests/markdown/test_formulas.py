"""Where formulas begin and end: on lines of their own, with blank lines, in lists and tables."""

import random
import re

import pytest

from apps.markdown.stream import StreamRenderer, render_markdown
from tests.markdown.test_stream import in_one_go, seen, sent

FORMULA = re.compile(
    r'<math display="(\w)\w+" alttext="([^"]*)".*?</math>'
    r'<span class="maths__source"[^>]*>.*?</span>',
    re.DOTALL,
)


def shown(text):
    """Return the HTML with `{b:source}` or `{i:source}` in the place of each formula."""
    html = FORMULA.sub(r"{\1:\2}", render_markdown(text))
    html = re.sub(r' (?:dir|tabindex|role|aria-label)="[^"]*"', "", html)
    html = html.replace('<div class="block">', "").replace("\n", " ").replace("&amp;", "&")
    return re.sub(r"</div>$|(?<=</div>)</div>", "", html).strip()


DISPLAY = [
    ("$$\na = 1\n\nb = 2\n$$", "a = 1  b = 2"),
    ("\\[\n\nx = 1\n\n\\]", "x = 1"),
    ("\\[\n\\begin{aligned}\n\nx &= 1 \\\\\n\ny &= 2\n\n\\end{aligned}\n\\]", None),
    ("1. a\n\n   $$\n   a = 1\n\n   b = 2\n   $$\n2. b", "a = 1  b = 2"),
    ("- \\[\n  x\n\n  y\n  \\]", "x  y"),
    ("> $$\n> a\n>\n> b\n> $$", "a  b"),
    ("[^1]: a\n    $$\n    a\n\n    b\n    $$", "a  b"),
    ("- a\n$$\nx\n\ny\n$$\nb", "x  y"),
    ("Then:\n$$\nx\n\ny\n$$\nand", "x  y"),
    ("   $$\n   x\n\n   y\n   $$", "x  y"),
    ("```math\nx^2\n\ny\n```", "x^2  y"),
    ("~~~math\nx^2\n~~~", "x^2"),
    ("- ```math\n  x^2\n  ```", "x^2"),
    ("a\n\\begin{equation}\nx = 1\n\\end{equation}\nb", None),
    ("\\begin{align*}\na &= b \\\\\n\nc &= d\n\\end{align*}", None),
    ("\\begin{gather}a\\\\b\\end{gather}", None),
    ("\\begin{pmatrix} 1 & 2 \\end{pmatrix}", None),
    ("> \\begin{align}\n> x\n>\n> y\n> \\end{align}", None),
]


@pytest.mark.parametrize(("text", "source"), DISPLAY)
def test_a_formula_on_its_own_lines_is_one_whatever_is_blank_in_it(text, source):
    html = shown(text)
    assert html.count("{b:") == 1
    assert "$$" not in html
    assert source is None or f"{{b:{source}}}" in html
    assert source is not None or html.count(r"\begin") == html.count(r"\end") == 1


def test_all_rows_of_a_formula_with_blank_lines_are_there():
    html = render_markdown("\\[\n\\begin{aligned}\n\nx &= 1 \\\\\n\ny &= 2\n\n\\end{aligned}\n\\]")
    assert html.count("<mtr>") == 2


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("$`x^2`$ and $`a|b`$", "<p>{i:x^2} and {i:a|b}</p>"),
        ("text $$x = 1$$ text", "<p>text {b:x = 1} text</p>"),
        ("$$x$$.", "<p>{b:x}.</p>"),
        ("so \\begin{align}x\\end{align}", "<p>so {b:\\begin{align}x\\end{align}}</p>"),
        # A beginning without an end swallows nothing.
        (
            "$$\nx = 1\n\nHere is a sentence.",
            "<p>$$<br> x = 1</p> </div><p>Here is a sentence.</p>",
        ),
        ("$$\nx\n\n# h", "<p>$$<br> x</p> </div><h3>h</h3>"),
        ("\\[ x = 1\n\nmore", "<p>\\[ x = 1</p> </div><p>more</p>"),
        ("\\( x\n\nmore", "<p>\\( x</p> </div><p>more</p>"),
        ("\\begin{align}\nx\n\n- a", "<p>\\begin{align}<br> x</p> </div><ul> <li>a</li> </ul>"),
        # Where TeX stays source it stays whole.
        ("\\[\n\\frac{a}{b} \\\\ c", "<p>\\[<br> \\frac{a}{b} \\\\ c</p>"),
        ("\\begin{tikz} a \\\\ b", "<p>\\begin{tikz} a \\\\ b</p>"),
        ("\\alpha\\, \\{x\\}", "<p>\\alpha\\, \\{x\\}</p>"),
        ("x \\]", "<p>x \\]</p>"),
        # Escapes of Markdown are such.
        ("\\*a\\* \\$5 and \\# b", "<p>*a* $5 and # b</p>"),
        ("\\[a](b)", "<p>[a](b)</p>"),
    ],
)
def test_formulas_in_the_line_and_what_is_none(text, html):
    assert shown(text).removesuffix("</div>").strip() == html


def test_a_formula_in_a_table_does_not_end_its_cell():
    html = shown("| $a|b$ | \\(c|d\\) |\n|-|-|\n| $`a|b`$ | $|x|$ |")
    for cell in "<th>{i:a|b}</th>", "<th>{i:c|d}</th>", "<td>{i:a|b}</td>", "<td>{i:|x|}</td>":
        assert cell in html


PIECES = ["$$", "$$\n", "\\[", "\\]", "\\[\n", "\n\\]", "\n", "\n\n", "\n\n", "x = 1", "- a", "- "]
PIECES += ["1. a\n   ", "   ", "> ", "\\begin{align}\n", "\\end{align}", "\n\\end{align}\n"]
PIECES += ["words of a sentence", "# h", "```\n", "```math\n", "$x$", "    ", "[^1]: ", "\\\\", "a"]
PIECES += ["|a|b|\n|-|-|\n", "***", "\\begin{align}"]


@pytest.mark.parametrize("seed", range(200))
def test_formulas_are_the_same_however_the_text_is_cut(seed):
    chosen = random.Random(seed)
    text = "".join(chosen.choice(PIECES) for _ in range(chosen.randint(2, 14)))
    size = chosen.randint(1, 7)
    renderer = StreamRenderer()
    pieces = [renderer.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert seen("".join(pieces) + renderer.finish()) == sent(text)
    assert renderer.whole() == render_markdown(text)
    if "[^1]" not in text:
        assert in_one_go(text) == render_markdown(text)
