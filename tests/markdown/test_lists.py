"""What belongs to an item of a list: all that is two columns further in than its marker."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.markdown.stream import StreamRenderer, render_markdown

LINES = [
    "1. a",
    "2. b",
    "10. c",
    "*   d",
    "- e",
    "1. f",
    "- [ ] g",
    "text",
    "```",
    "| h |",
    "|---|",
]
LINES += ["> i", "<details>", "</details>", "---", "", "", "$$", "# j"]
INDENTS = ["", "", " ", "  ", "  ", "   ", "    ", "     ", "\t", "> "]
lines = st.tuples(st.sampled_from(INDENTS), st.sampled_from(LINES)).map("".join)
texts = st.lists(lines, max_size=16).map("\n".join)


def outline(html):
    """Return lists as `(…)`, code, tables, quotations, folds and rules by a sign, text as it is."""
    html = re.sub(r"<tr.*?</tr>\s*", "", html, flags=re.DOTALL)
    signs = {"ol": "()", "ul": "()", "pre": "``", "table": "||", "blockquote": ">>", "hr": "--"}
    signs["details"] = "<>"

    def sign(tag):
        return signs.get(tag[2], "  ")[bool(tag[1])]

    return "".join(re.sub(r"<(/?)([a-z]+\d?)[^>]*>", sign, html).split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. a\n  - b\n  - c\n2. d\n  - e", "(a(bc)d(e))"),
        ("1. a\n\n  - b\n\n2. d\n\n  - e\n\nf", "(a(b)d(e))f"),
        ("1. a\n  * b\n    * c\n      * d\n  * e\n2. f", "(a(b(c(d))e)f)"),
        ("1. a\n  1. b\n  2. c\n2. d", "(a(bc)d)"),
        ("1. a\n  1) b\n  2) c\n2. d", "(a(bc)d)"),
        ("10. a\n  - b\n11. c\n   - d", "(a(b)c(d))"),
        ("1) a\n  - b\n2) c", "(a(b)c)"),
        ("*   a\n  * b\n*   c", "(a(b)c)"),
        ("- a\n  1. b\n    - c\n  2. d", "(a(b(c)d))"),
        ("> 1. a\n>   - b\n> 2. c", ">(a(b)c)>"),
        ("1. a\n  more\n  - b\n2. c", "(amore(b)c)"),
        ("1. a\n   more\n  - b\n    ```\n    c\n    ```\n  - d\n2. e", "(amore(b`c`d)e)"),
        ("1. a\n  ```\n  b\n\n  c\n  ```\n2. d", "(a`bc`d)"),
        ("1. a\n\n  > b\n\n2. c", "(a>b>c)"),
        ("1. a\n  | b |\n  |---|\n2. c", "(a||c)"),
        ("1. a\n  <details>\n\n  b\n\n  </details>\n2. c", "(a<b>c)"),
        (" 9. a\n    - b\n10. c\n    - d", "(a(b)c(d))"),
        # CommonMark's, as ever.
        ("1. a\n- b\n2. c", "(a)(b)(c)"),
        ("1. a\n 2. b\n  3. c", "(abc)"),
        ("1. a\n\n  2. b", "(ab)"),
        ("- a\n - b\n  - c", "(abc)"),
        ("1. a\n  ---\n2. b", "(a)-(b)"),
        ("1. a\n\n  b\n\n2. c", "(a)b(c)"),
    ],
)
def test_what_is_two_columns_in_belongs_to_the_item(text, shown):
    assert outline(render_markdown(text)) == shown


@given(texts, st.integers(1, 5))
@settings(max_examples=400, deadline=None)
def test_the_same_comes_of_it_however_it_is_cut(text, size):
    renderer = StreamRenderer()
    for at in range(0, len(text), size):
        renderer.feed(text[at : at + size])
    renderer.finish()
    assert renderer.whole() == render_markdown(text)
