"""The HTML that models write: a safe handful of it works, all other is text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.markdown import html_writer
from apps.markdown.stream import StreamRenderer, render_markdown
from tests.page import parse
from tests.xss import check_inert

BLOCK = '<div class="block" dir="auto">'
CODE = ' dir="ltr"'


def inner(html):
    """Return the HTML without what is about direction, and without line ends."""
    html = re.sub(r' (?:dir|rel|tabindex|role|aria-label)="[^"]*"', "", html).replace("\n", "")
    return re.sub(r'<div class="(?:block|table)">|</div>', "", html)


def paragraph(html):
    return f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a<br>b<br/>c<br />d<BR>e<br class='x'>f</br>g", "a<br>b<br>c<br>d<br>e<br>f<br>g"),
        ("a<br>\nb  <br>  c", "a<br>b<br>c"),
        ("H<sub>2</sub>O, x<sup>2</sup>", "H<sub>2</sub>O, x<sup>2</sup>"),
        ('<kbd id="a" onclick="x()">Ctrl</KBD>', "<kbd>Ctrl</kbd>"),
        ("<u>a</u> <ins>b</ins> <del>c</del> <s>d</s>", None),
        ("<mark>a</mark> <small>b</small> <b>c</b> <i>d</i> <strong>e</strong> <em>f</em>", None),
        ("<u>a **b** c</u>", "<u>a <strong>b</strong> c</u>"),
        ("**a <u>b</u> c**", "<strong>a <u>b</u> c</strong>"),
        ("[<b>x</b>](https://a.b)", '<a href="https://a.b"><b>x</b></a>'),
        ("<b>[x](https://a.b)</b>", '<b><a href="https://a.b">x</a></b>'),
        ("<b\nclass='x'>x</b >", "<b>x</b>"),
        ("<u><u>x</u></u>", None),
        # No pair: text.
        ("a <b>open **bold**", "a &lt;b&gt;open <strong>bold</strong>"),
        ("a </b> stray", "a &lt;/b&gt; stray"),
        ("<b><i>x</b></i> *y*", "<b>&lt;i&gt;x</b>&lt;/i&gt; <em>y</em>"),
        ("**a <u>b** c</u>", "<strong>a &lt;u&gt;b</strong> c&lt;/u&gt;"),
        ("<b>[x</b>](https://a.b)", '&lt;b&gt;<a href="https://a.b">x&lt;/b&gt;</a>'),
        # Others, and code.
        ("<span>x</span> <big>y</big>", "&lt;span&gt;x&lt;/span&gt; &lt;big&gt;y&lt;/big&gt;"),
        ("<bx> <sub-x> < b>", "&lt;bx&gt; &lt;sub-x&gt; &lt; b&gt;"),
        ("`<b>x</b><br>`", "<code>&lt;b&gt;x&lt;/b&gt;&lt;br&gt;</code>"),
        (r"\<b>x", "&lt;b&gt;x"),
        ("x &lt;b> y &lt;/b>", "x &lt;b&gt; y &lt;/b&gt;"),
        # Comments.
        ("a <!-- b --> c <!----> d <!--> e", "a  c  d  e"),
        ("a <!-- b", "a &lt;!-- b"),
        ("`<!-- b -->`", "<code>&lt;!-- b --&gt;</code>"),
    ],
)
@pytest.mark.parametrize("wrap", ["{}", "# {}", "- {}", "> {}", "| {} |\n|-|", "1. > {}"])
def test_tags_within_a_line(text, shown, wrap):
    text = text.replace("\n", " ") if wrap != "{}" else text
    html = inner(render_markdown(wrap.format(text)))
    assert (text if shown is None else shown) in html


@pytest.mark.parametrize("tag", ["b", "u", "sub", "mark", "small"])
def test_what_is_not_closed_ends_nowhere_else(tag):
    html = inner(render_markdown(f"<{tag}>one\n\ntwo</{tag}>\n\n- <{tag}>a\n- b</{tag}>"))
    assert f"<{tag}>" not in html
    assert f"<p>two&lt;/{tag}&gt;</p>" in html


def test_breaks_in_a_cell_of_a_table():
    html = inner(
        render_markdown("| a | b |\n|-|-|\n| 1 | open<br>close<br/>lock |\n| 2 | - one<br>- two |")
    )
    assert "<td>open<br>close<br>lock</td>" in html
    assert "<td>- one<br>- two</td>" in html


FOLD = "<details>\n<summary>Show the solution</summary>\n\nThe answer is **42**.\n\n"
CODE_BLOCK = "```text\n42\n```\n\n"


def fold(summary, *parts):
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            f"{FOLD}</details>\n\n<!-- a comment -->\n\nAfter.",
            fold("Show the solution", "<p>The answer is <strong>42</strong>.</p>")
            + "<p>After.</p>",
        ),
        (
            "<details><summary>More</summary>Hidden text</details>",
            fold("More", "<p>Hidden text</p>"),
        ),
        (
            "<DETAILS open class='x'>\n<Summary>*S*</SUMMARY>a\n\nb</Details>",
            fold("<em>S</em>", "<p>a</p><p>b</p>"),
        ),
        ("<details>\n    <summary>S</summary>\n\na\n</details>", fold("S", "<p>a</p>")),
        (
            "<details><summary>\nS\n</summary>\n- a\n</details>\nb",
            fold("S", "<ul><li>a</li></ul>") + "<p>b</p>",
        ),
        (
            "a\n<details><summary>S</summary>\nb\n</details>\nc",
            "<p>a</p>" + fold("S", "<p>b</p>") + "<p>c</p>",
        ),
        ("<details>\na\n</details>", "<details><p>a</p></details>"),
        (
            "a: <details><summary>S</summary>b</details> c",
            "<p>a:</p>" + fold("S", "<p>b</p>") + "<p>c</p>",
        ),
        (
            "<details><summary>S</summary>\n\na\n\n<details><summary>T</summary>b</details>\n\nc\n\n"
            "</details>\n\nd",
            fold("S", "<p>a</p>", fold("T", "<p>b</p>"), "<p>c</p>") + "<p>d</p>",
        ),
        ("<details><summary>S</summary>\n\na\n\n# b", fold("S", "<p>a</p>", "<h3>b</h3>")),
        (
            "<details><summary>S</summary>\n\n> a\n</details>\n2. b",
            fold("S", "<blockquote><p>a</p></blockquote>") + '<ol start="2"><li>b</li></ol>',
        ),
        (
            "<details><summary>S</summary>\n\n- a\n  </details>\n\nb",
            fold("S", "<ul><li>a</li></ul>") + "<p>b</p>",
        ),
        # In what has an end of its own.
        (
            "1. Q\n   <details><summary>S</summary>\n   a\n   </details>\n2. R",
            f"<ol><li>Q{fold('S', 'a')}</li><li>R</li></ol>",
        ),
        (
            "- <details><summary>S</summary>\n\n  a\n\n  </details>\n\n- b",
            f"<ul><li>{fold('S', '<p>a</p>')}</li><li><p>b</p></li></ul>",
        ),
        ("- <details><summary>S</summary>a\n\nb", f"<ul><li>{fold('S', 'a')}</li></ul><p>b</p>"),
        (
            "> <details>\n> <summary>S</summary>\n> a\n> </details>\n> b",
            f"<blockquote>{fold('S', '<p>a</p>')}<p>b</p></blockquote>",
        ),
        # Text.
        ("The <details> element.\n\na", "<p>The &lt;details&gt; element.</p><p>a</p>"),
        ("`<details>` a\n\nb", "<p><code>&lt;details&gt;</code> a</p><p>b</p>"),
        ("</details>\n\na", "<p>&lt;/details&gt;</p><p>a</p>"),
        ("<summary>S</summary>\n\na", "<p>&lt;summary&gt;S&lt;/summary&gt;</p><p>a</p>"),
        ("    <details>\n\na", '<pre><code class="highlight">&lt;details&gt;</code></pre><p>a</p>'),
        (
            "```\n<details>\n```\na",
            '<pre><code class="highlight">&lt;details&gt;</code></pre><p>a</p>',
        ),
        # Comments.
        ("a\n\n<!-- b\n\nc\n-->\n\nd", "<p>a</p><p>d</p>"),
        ("a\n<!-- b\n\nc -->\nd", "<p>a</p><p>d</p>"),
        ("<!-- b\n\n*c*", "<p>&lt;!-- b</p><p><em>c</em></p>"),
        ("<!-- b\n\n<!-- c -->\n\nd", "<p>&lt;!-- b</p><p>d</p>"),
        ("- a\n\n<!-- -->\n\n- b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
    ],
)
def test_folds_and_comments(text, shown):
    html = inner(render_markdown(text)).replace('<div class="code">', "")
    assert html == shown
    renderer = StreamRenderer()
    html = "".join(map(renderer.feed, text))
    assert renderer.whole() == render_markdown(text)


def test_a_fold_is_shown_as_it_comes_and_then_whole():
    renderer = StreamRenderer()
    html = renderer.feed(f"{FOLD}More")
    assert "<details" not in html
    assert html.count('<div class="block block--draft"') == 2
    assert "<strong>42</strong>" in html
    assert html.endswith('<span class="tail tail--first">More</span>')
    html = renderer.feed("\n\n</details>\n\nAfter")
    draft, whole = html.split(BLOCK + "<details>")
    assert draft == '<div class="block block--draft" dir="auto"><p dir="auto">More</p>\n</div>'
    assert "<strong>42</strong>" in whole
    assert "block--draft" not in renderer.whole()


def test_a_page_that_joins_within_a_fold_gets_all_of_it_at_its_end():
    first, second = StreamRenderer(), StreamRenderer()
    before, after = f"{FOLD}Mo", f"re\n\n{CODE_BLOCK}</details>\n\nAfter"
    first.feed(before)
    second.skip(before)
    assert first.feed(after) == second.feed(after)


MARKS = ["<details>", "</details>", "<summary>", "</summary>", "<summary>S</summary>", "<!--"]
MARKS += ["-->", "<b>", "</b>", "<br>", "`", "\n", "\n", "\n\n", "- ", "> ", "    ", "  ", "a", "*"]
MARKS += ["1. ", "```\n", "# ", "|a|\n|-|\n", "[^1]: ", "<details open>\n<summary>S</summary>\n\n"]
texts = st.lists(st.sampled_from(MARKS), max_size=30).map("".join)


@given(texts, st.integers(1, 9))
@settings(max_examples=400, deadline=None)
def test_any_cuts_leave_the_same_and_all_of_it_is_whole(text, size):
    renderer = StreamRenderer()
    pieces = [renderer.feed(text[at : at + size]) for at in range(0, len(text), size)]
    for fragment in [*pieces, renderer.finish()]:
        assert html_writer.sanitise(fragment) == fragment or "tail" in fragment
    assert renderer.whole() == render_markdown(text)
    check_inert(parse(renderer.whole()))


@given(texts)
@settings(max_examples=300, deadline=None)
def test_every_letter_outside_comments_is_shown(text):
    text = text.replace("<!--", "").replace("-->", "")
    assert render_markdown(text).count("a") >= text.count("a")
