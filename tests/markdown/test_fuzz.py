"""The renderer and whatever a model may say: it never fails, is never unsafe, and never slow."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.markdown.maths import mathml
from apps.markdown.stream import StreamRenderer, render_markdown, render_plain
from tests.page import parse
from tests.xss import PAYLOADS, check_inert

HTML = ["<", ">", "/>", "</", "<a href=", "<svg ", "<math>", "<!--", "-->", "&lt;", "&#x3c;", "="]
HTML += ['"', "'", "`", " onload=x ", "javascript:x", "<p ", "</div>", "<br>", "\x00", "\ud800"]
MARKS = [
    "[",
    "]",
    "](",
    ")",
    "![",
    "*",
    "**",
    "_",
    "~~",
    "```",
    "`",
    "\n",
    "\n\n",
    "- ",
    "> ",
    "# ",
]
MARKS += ["|", "|-|", "1. ", "    ", "\t", "$", "$$", "\\(", "\\)", "\\[", "\\]", "[^1]", "[^1]: "]
MARKS += ["https://a.b/", "\\", "\\frac{", "\\text{", "}", "{", "^", "_{", "\\begin{array}{", "&"]
texts = st.lists(
    st.sampled_from(HTML)
    | st.sampled_from(MARKS)
    | st.sampled_from(PAYLOADS)
    | st.text(max_size=3),
    max_size=25,
).map("".join)
formulas = st.lists(st.sampled_from([*MARKS[-20:], *HTML, "x", "\\left", "\\sqrt"])).map("".join)


@given(texts)
@settings(max_examples=200)
def test_it_never_fails_and_nothing_in_it_acts(text):
    for html in render_markdown(text, "m1-"), render_plain(text):
        html.encode()
        check_inert(parse(html))


@given(formulas)
@settings(max_examples=150)
def test_a_formula_never_fails_and_nothing_in_it_acts(text):
    html = render_markdown(f"$ {text} $ and $${text}$$\n\n\\[{text}\\]")
    root = parse(html)
    check_inert(root)
    tags = {each.tag for math in root.iter("math") for each in math.iter()}
    assert tags <= mathml.TAGS | {"math"}


@pytest.mark.usefixtures("frozen")
@given(st.sampled_from([*HTML, *MARKS]), st.sampled_from([*HTML, *MARKS]), st.integers(1, 3))
@settings(max_examples=60)
def test_what_is_repeated_a_thousand_times_takes_no_second(one, other, lines):
    """Of computing, whole and in pieces."""
    text = (one + other + "\n" * (lines == 1)) * 1_000 + "end"
    started = time.thread_time()
    render_markdown(text)
    renderer = StreamRenderer()
    for at in range(0, len(text), 200):
        renderer.feed(text[at : at + 200])
    renderer.finish()
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    "open_", ["> ", "- ", "1. ", "**", "[", "![", "\\frac{", "$", "<div>", "("]
)
@pytest.mark.parametrize("depth", [10, 100, 5_000])
def test_nesting_of_any_depth_is_shown(open_, depth):
    close = {"**": "**", "[": "](x)", "![": "](x)", "\\frac{": "}", "$": "$", "(": ")"}.get(
        open_, ""
    )
    html = render_markdown(f"before\n\n{open_ * depth}word{close * depth}\n\nafter")
    for word in "before", "word", "after":
        assert word in html
    deepest = max_depth(parse(html))
    assert deepest < 200


def max_depth(element):
    deepest, waiting = 0, [(element, 1)]
    while waiting:
        each, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in each]
    return deepest
