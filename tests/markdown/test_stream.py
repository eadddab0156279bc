import re
import time
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pygments.token import STANDARD_TYPES

from apps.markdown import html_writer
from apps.markdown.maths import converter, mathml
from apps.markdown.parser import Reply, TooDeep, find_blocks, read
from apps.markdown.stream import StreamRenderer, render_markdown, render_plain

WORDS = """``` ~~~ ```` - * + 1. 2) 10. > # ### --- *** === a word |a|b| |-|-| a|b $$ $ \\[ \\]
\\( \\) [^1]: [^1] [^note] [a](https://x.y) [b]: <b> ` ** _ ~~ [x] ![i](https://x.y/i.png) [ ] ( )
&amp; \\ https://e.org/x é مرحبا 3 5 :: | ||"""
SPACES = [" ", "  ", "    ", "\t", "\n", "\n", "\n", "\n\n", "\r\n", "\r", "\u2028"]
BEGINNINGS = [
    "- [x] ",
    "a|b\n-|-\n",
    "> - ",
    "- a\n\n  ```\n",
    "1. ",
    "\n# ",
    "\n### ",
    "\n#### ",
    "\n- ",
    "\n> ",
    "\n```\n",
]
PARTS = [*WORDS.split(), *SPACES, *BEGINNINGS]
WORD_PLACES = ["{}", "*{}* ", "**{}**", "`{}`", "- {}", "\n", "\n\n", "> {}", "# {}", "```{}\n"]
WORD_PLACES += ["|{}|{}|\n|-|-|\n", "[{}](https://a.b)", "<{}>", " {}", "~~{}~~", "1. {}", "    {}"]
WORD_PLACES += ["[^{}]", "[^{}]: ", "$", "!", "[", "]"]

markdown_texts = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)
levels = st.lists(st.integers(1, 6), max_size=12)
texts = st.one_of(st.text(max_size=80), markdown_texts)
sizes = st.lists(st.integers(1, 9), min_size=1, max_size=8)

TAIL = re.compile('<span class="tail(?: tail--first)?(?: tail--code)?">([^<]*)</span>')

DOCUMENTS = [
    "# Title\n\nA paragraph\nof two lines.\n\nTitle\n-----\n\nText\n***\n",
    "- one\n- two\n\n  more\n- three\n\nText\n\n1. a\n2. b\n   - c\n\n     d\n\n3) e\n",
    "> a quotation\nthat goes on\n>\n> - with a list\n>   > and another\n\nText\n",
    "- a\n * b\n  + c\n\n     d\n\n\ttext\n\n- \n\n  foo\n",
    "1. a\nlazy\n\n   b\n\n2. c\n\n\n3. d\n\ntext *em* **strong** ***both*** `code` a\\\nb  \nc\n",
    "10) a\n\n    b\n\n    c\n\n11) d\ntext\n\n- a\n\n- b\n\n\n- c\n- - -\n- d\n",
    "a\n- b\nc\n\n2. d\n\nf\n2. g\n\n# h\ni\n# j #\n",
    "<https://a.example/b> [x](https://c.example 'Title') <x>text</x> &copy; \\*no\\*\n",
    "[a]: https://a.example\n\n[a], [a][], [b][a]\n",
]


class Reader(HTMLParser):
    """Notes every tag, and that each end tag ends the element that was opened last."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def cut(text, lengths):
    pieces, start, number = [], 0, 0
    while start < len(text):
        pieces.append(text[start : start + lengths[number % len(lengths)]])
        start += len(pieces[-1])
        number += 1
    return pieces


def seen(html):
    """Return what the style sheet leaves to be seen: no tail before a block, or a first tail."""
    last = max(html.rfind(each) for each in ('<div class="block"', '<span class="tail tail--first'))
    last = max(last, 0)
    return without_tail(html[:last]) + html[last:]


def sent(text):
    """Return what is to be seen of a text that comes in one piece."""
    renderer = StreamRenderer()
    return seen(renderer.feed(text) + renderer.finish())


def tail(html):
    return unescape("".join(TAIL.findall(seen(html))))


def without_tail(html):
    return TAIL.sub("", html)


def heading_levels(html):
    return [int(level) for level in re.findall(r"<h([1-6])", html)]


def without_maths(html):
    return re.sub(r"<math .*?</math>", "", html, flags=re.DOTALL)


def in_one_go(text):
    """Render the text with its blocks found by markdown-it in the whole text."""
    reply = Reply()
    blocks = find_blocks(text.removesuffix("\n").split("\n"), reply)
    for block in blocks:
        read(block.tokens, reply)
    return html_writer.write_blocks(blocks, reply)


def words(html):
    apart = re.sub("<br>|</div>|</p>", r" \g<0>", html)
    return " ".join("".join(Reader(apart).text).split())


@given(texts, sizes)
@settings(max_examples=300, deadline=None)
def test_any_cuts_leave_the_same_to_be_seen_as_the_whole_text(text, lengths):
    renderer = StreamRenderer()
    html = "".join(renderer.feed(piece) for piece in cut(text, lengths)) + renderer.finish()
    assert seen(html) == sent(text)
    assert render_markdown(text) == renderer.whole()


@given(texts, sizes)
@settings(max_examples=200, deadline=None)
def test_all_text_is_on_the_page_at_any_time_in_a_block_or_after_the_blocks(text, lengths):
    renderer = StreamRenderer()
    html = received = ""
    for piece in cut(text, lengths):
        html += renderer.feed(piece)
        received += piece
        plain = received.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        plain = plain.replace("\0", "\ufffd")
        assert plain.endswith(tail(html))
        rendered = plain.removesuffix(tail(html)) if tail(html) else plain
        if "tail--code" in seen(html):
            *lines, _fence, _ = rendered.split("\n")
            rendered = "".join(f"{line}\n" for line in lines)
        assert without_tail(seen(html)) == sent(rendered)


@given(texts, texts, sizes)
@settings(max_examples=200, deadline=None)
def test_a_page_that_joins_late_gets_what_the_others_get(before, after, lengths):
    first, second = StreamRenderer("m1-"), StreamRenderer("m1-")
    for piece in cut(before, lengths):
        first.feed(piece)
    second.skip(before)
    for piece in cut(after, lengths):
        assert first.feed(piece) == second.feed(piece)
    assert first.finish() == second.finish()


@given(texts, sizes)
@settings(max_examples=200, deadline=None)
def test_every_fragment_is_whole_and_holds_nothing_to_sanitise(text, lengths):
    renderer = StreamRenderer("m1-")
    fragments = [renderer.feed(piece) for piece in cut(text, lengths)] + [renderer.finish()]
    for fragment in fragments:
        Reader(fragment)
        html = without_maths(without_tail(fragment))
        assert html_writer.sanitise(html) == html


@given(texts, sizes)
@settings(max_examples=200, deadline=None)
def test_the_first_tail_after_the_blocks_and_the_first_of_code_are_marked(text, lengths):
    renderer = StreamRenderer()
    html = "".join(renderer.feed(piece) for piece in cut(text, lengths))
    for part in html.split('<div class="block"'):
        before = None
        for piece in TAIL.finditer(part):
            kind = "tail--code" in piece[0]
            assert ("tail--first" in piece[0]) == (kind != before)
            before = kind


@given(texts)
@settings(max_examples=300, deadline=None)
def test_headings_skip_no_level_below_the_messages_own(text):
    before = 2
    for level in heading_levels(render_markdown(text)):
        assert 3 <= level <= before + 1
        before = level


@given(levels, levels)
@settings(max_examples=200, deadline=None)
def test_headings_keep_their_order(before, after):
    """Equal ones stay equal until a higher one comes, and lower ones lower, as far as h6."""
    parts = ["".join(f"{'#' * level} a\n" for level in part) for part in (before, after)]
    source = before + after
    shown = heading_levels(render_markdown("".join(parts)))
    assert len(shown) == len(source)
    for number, level in enumerate(source):
        for other, further in zip(source[number + 1 :], shown[number + 1 :], strict=True):
            if other < level:
                break
            lowest = min(shown[number] + 1, 6)
            assert further == shown[number] if other == level else further >= lowest
    renderer = StreamRenderer()
    renderer.skip(parts[0])
    late = heading_levels(renderer.feed(parts[1]) + renderer.finish())
    assert late == shown[len(before) :]


@given(texts)
@settings(max_examples=200, deadline=None)
def test_a_persons_words_are_kept_and_need_no_sanitising(text):
    html = render_plain(text)
    assert html_writer.sanitise(html) == html
    assert words(html) == " ".join(text.replace("\0", "\ufffd").split())


@given(markdown_texts.map(lambda text: text.replace("\r", "")).filter(lambda text: text.strip()))
@settings(max_examples=300, deadline=None)
def test_the_blocks_are_those_of_the_whole_text(text):
    # A definition after its use would make a link only in the whole text.
    text = text.replace("]:", "] :")
    try:
        assert sent(text) == in_one_go(text)
    except TooDeep:
        assert 'class="plain"' in sent(text)


@given(st.lists(st.sampled_from(WORD_PLACES)))
@settings(max_examples=200, deadline=None)
def test_no_word_is_lost(parts):
    text = ""
    for number, part in enumerate(parts):
        text += part.format(f"w{number}x", f"v{number}x")
    html = render_markdown(text)
    shown = words(html) + " ".join(re.findall(r'alttext="([^"]*)"', html))
    for word in re.findall(r"[wv]\d+x", text):
        assert word in shown


@pytest.mark.parametrize("text", DOCUMENTS)
def test_ordinary_documents_become_what_markdown_it_makes_of_them(text):
    expected = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "breaks": True}).render(
        text
    )
    expected = expected.replace("&quot;", '"').replace("</code></pre>\n", "</code></pre>")
    if text.startswith("[a]: "):  # Shown with us.
        link = '<a href="https://a.example">'
        expected = f"<p>{link}a</a>: {link}https://a.example</a></p>\n{expected}"
    html = re.sub(r' (?:dir|rel|tabindex)="[^"]*"| class="highlight"', "", render_markdown(text))
    html = re.sub(r'<div class="(?:block|code)">|</div>', "", html)
    html = re.sub(r"(</?h)([3-6])", lambda tag: tag[1] + str(int(tag[2]) - 2), html)
    assert html == expected


def test_a_block_is_shown_as_soon_as_the_next_line_begins():
    renderer = StreamRenderer()
    assert "block" not in renderer.feed("- a\n- b\n\n")
    html = renderer.feed("Te")
    assert "<li" in html
    assert html.endswith('<span class="tail tail--first">Te</span>')
    assert renderer.feed("xt") == '<span class="tail">xt</span>'


def test_a_piece_of_text_is_escaped_and_sent_once():
    renderer = StreamRenderer()
    assert renderer.feed("a <b>") == '<span class="tail tail--first">a &lt;b&gt;</span>'
    assert renderer.feed(" c\nd") == '<span class="tail"> c\nd</span>'


def test_fenced_code_is_code_from_its_first_word():
    renderer = StreamRenderer()
    assert renderer.feed("```py") == '<span class="tail tail--first">```py</span>'
    assert renderer.feed("thon\n") == '<span class="tail">thon\n</span>'
    assert renderer.feed("a = 1") == '<span class="tail tail--first tail--code">a = 1</span>'
    assert renderer.feed("\nb") == '<span class="tail tail--code">\nb</span>'
    html = renderer.feed("\n```\nThen")
    assert html.startswith('<div class="block"')
    assert html.endswith('<span class="tail tail--first">Then</span>')


def test_line_ends_of_all_kinds_are_the_same():
    text = "a\n\n```\nb\nc\n```\n\nd\n"
    assert render_markdown(text.replace("\n", "\r\n")) == render_markdown(text)
    assert render_markdown(text.replace("\n", "\r")) == render_markdown(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# a\n## b\n###### c", [3, 4, 5]),
        ("### a\n### b\n##### c\n### d", [3, 3, 4, 3]),
        ("### a\n# b\n### c\n## d\n### e", [3, 3, 4, 4, 5]),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f\n#### g", [3, 4, 5, 6, 6, 6, 6]),
        ("## a\n- #### b\n> ### c\n\nd\n---", [3, 4, 4, 3]),
    ],
)
def test_headings_begin_below_those_of_the_page(text, shown):
    assert heading_levels(render_markdown(text)) == shown


def test_code_is_coloured_by_its_language_and_can_be_scrolled_by_keyboard():
    html = render_markdown("```python\nif x: pass\n```\n")
    assert '<div class="code__language">python</div><pre tabindex="0">' in html
    assert '<span class="k">if</span>' in html


@pytest.mark.parametrize("info", ["", "nonsense", "../../etc", '"><b>', "python3000"])
def test_code_in_an_unknown_language_is_plain(info):
    html = render_markdown(f"```{info}\n<b>if</b>\n```\n")
    assert "&lt;b&gt;if&lt;/b&gt;" in html
    assert words(html) == f"{info} <b>if</b>".strip()


def test_code_is_kept_to_the_last_space():
    code = "\n\n\tx = 1  \n\n\n"
    for language in ("", "python", "yaml", "html", "js", "text", "console", "diff"):
        html = render_markdown(f"```{language}\n{code}```\n")
        assert f"{language}{code}" == "".join(Reader(html).text)


def test_tables_can_be_scrolled_and_their_cells_aligned():
    html = render_markdown("| a | b |\n|--:|:-:|\n| 1 | 2 |\n")
    assert '<div class="table" tabindex="0" role="group" aria-label="Table"><table>' in html
    assert '<td class="table__cell--right" dir="auto">1</td>' in html


def test_cells_that_have_no_column_are_kept():
    html = render_markdown("a|b\n-|-\n1|2|3|*4*\n|5|6|7|\n8\n")
    assert "2 | 3 | <em>4</em></td>" in html
    assert "6 | 7</td>" in html
    assert html.count("<td") == 6


def test_tasks_say_whether_they_are_done():
    html = render_markdown("- [x] bread\n- [ ] milk\n\n- [ ] > cheese\n")
    assert words(html) == "☑ Done: bread ☐ To do: milk ☐ To do: cheese"
    assert "<input" not in html


def test_footnotes_lead_there_and_back_with_ids_of_their_own():
    html = render_markdown("a[^1] b[^x] c[^1]\n\n[^1]: one\n[^x]: two\n\n    more\n", "m7-")
    assert re.findall(r' id="([^"]*)"', html) == ["m7-fnref-1", "m7-fnref-2", "m7-fn-1", "m7-fn-2"]
    assert html.count('href="#m7-fn-1"') == 2
    assert 'href="#m7-fnref-2" aria-label="Back to reference x"' in html
    assert "more</p>\n</div>" in html


def test_a_definition_works_everywhere_in_the_end_and_can_be_seen():
    text = "[a]\n\n[a]: https://a.example 'T'\n\n[a]\n"
    before, definition, after = sent(text).split('<div class="block"')[1:]
    assert "<a" not in before
    assert "https://a.example</a> 'T'" in definition
    assert 'href="https://a.example"' in after
    before, *rest = render_markdown(text).split('<div class="block"')[1:]
    assert 'href="https://a.example" title="T"' in before
    assert rest == [definition, after]


def test_a_footnote_may_stand_before_its_reference_but_not_nowhere():
    html = render_markdown("[^1]: one\n\na[^1] b[^2]\n\n- c[^x]", "m7-")
    assert 'href="#m7-fnref-1" aria-label="Back to reference 1"' in html
    assert 'href="#m7-fn-1"' in html
    assert "b[^2]" in html
    assert "c[^x]" in html
    assert html.count("<sup") == 1


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("see https://a.example/b_c(d).", "https://a.example/b_c(d)", "see ."),
        ("(https://a.example)", "https://a.example", "()"),
        ("**https://a.example/x**", "https://a.example/x", ""),
        ("在https://a.example/x。", "https://a.example/x", "在。"),
        ("https://a.example/?a=1&b=2!", "https://a.example/?a=1&b=2", "!"),
        ("<https://a.example>", "https://a.example", ""),
    ],
)
def test_bare_addresses_are_links(text, address, rest):
    reader = Reader(render_markdown(text))
    (link,) = [attributes for tag, attributes in reader.tags if tag == "a"]
    assert link == {"href": address, "rel": "nofollow noopener noreferrer"}
    assert "".join(reader.text).replace(address, "").strip() == rest


@pytest.mark.parametrize("text", ["xhttps://a.b", "https://", "ftp://a.b", "`https://a.b`", "//a"])
def test_other_addresses_are_text(text):
    assert "<a" not in render_markdown(text)


def test_an_image_is_a_link_with_its_name():
    html = render_markdown(
        "![a *b*](https://a.example/i.png) [![c](https://d.example)](https://e.example)"
    )
    assert "<img" not in html
    assert ">a b</a>" in html
    assert re.findall(r'href="([^"]*)"', html) == ["https://a.example/i.png", "https://e.example"]


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "US$5, A$6",
        "$5-$10",
        "5$ and 6$",
        "$HOME/$A",
        r"\$x\$",
        "$ x $",
        "$x $",
        "`$x$`",
    ],
)
def test_money_and_variables_are_not_maths(text):
    assert "<math" not in render_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "$x$",
        "the $n$th",
        r"\(x\)",
        "值$x$的",
        "($x_1$, $y$)",
        "- $x$",
        "> $x$",
        r"$\$5$",
        "**$x$**",
    ],
)
def test_maths_stand_in_the_line(text):
    assert '<math display="inline"' in render_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "$$x$$",
        "$$\nx\n= y\n$$",
        "\\[\nx\n\\]",
        "Then:\n\\[ x \\]\nand",
        "1. a\n   $$\n   - b\n   $$",
        "> $$\n> x\n> $$",
    ],
)
def test_maths_stand_on_their_own(text):
    html = render_markdown(text)
    assert '<div class="maths" tabindex="0" role="group" aria-label="Formula"><math' in html
    assert '<math display="block"' in html
    assert "$$" not in html


@pytest.mark.parametrize(
    "source", [r"\nonsense{x}", r"\frac", "a & b", r"\newcommand{\a}{\a\a}\a", "{" * 60]
)
def test_what_is_no_formula_is_shown_as_its_source(source):
    assert converter.to_mathml(source, display=False) is None
    assert '<code class="math-source"' in render_markdown(f"\\({source}\\)")


@pytest.mark.parametrize(
    "name", ["align", "aligned", "split", "gather", "cases", "pmatrix", "equation"]
)
def test_lines_of_a_formula_are_lines_of_a_table(name):
    html = converter.to_mathml(rf"\begin{{{name}}}a=b\\c=d\end{{{name}}}", display=True)
    assert html.count("<mtr>") == 2
    assert "(1)" not in html


XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](data:text/html,<script>)",
    "[a](vbscript:x) [b](file:///etc/passwd) [c](/users/logout/) [d](//evil.example) [e](#top)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "![x](javascript:alert(1)) ![x](data:image/svg+xml,<svg>)",
    '[a](https://b.example "\\" onmouseover=alert(1) x=\\"")',
    'https://a.example/"onmouseover="alert(1)',
    '```"><script>alert(1)</script>\n</code></pre><script>\n```',
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    '<i class="maths">0</i> $x$',
    '`<i class="maths">0</i>` $x$',
    r"$\text{</mtext><script>alert(1)</script>}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{background:url(//evil.example)}{x} \class{a}{x} \color{red} x$",
    r'$\mathrm{"><svg onload=alert(1)>}$',
    r"$</math><script>alert(1)</script>$",
    r"$\text{&lt;script&gt;} &#60;script&#62; \verb|<script>|$",
    r"$\begin{array}{<script>}x\end{array} \hspace{1em;<b>} \unicode{x3c}$",
    "$<annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml>$",
    '[^1]: <b id="x" hx-get="/" data-x="y" style="color:red">\n\n[^"><b>]',
    "<!--><script>alert(1)</script>-->",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
]


@pytest.mark.parametrize("text", XSS)
@pytest.mark.parametrize(
    "wrap", ["{}", "- {}", "> {}", "**{}**", "# {}", "[{}](https://a.example)"]
)
def test_a_hostile_text_is_shown_as_text(text, wrap):
    for html in (render_markdown(wrap.format(text), "m1-"), render_plain(text)):
        for tag, attributes in Reader(html).tags:
            assert tag in html_writer._TAGS | mathml.TAGS | {"math"}
            for name, value in attributes.items():
                assert not name.startswith(("on", "hx-", "data-", "style", "src", "xmlns"))
                assert name != "href" or re.match("https?://|mailto:|#m1-fn(ref)?-1$", value)
                assert name != "id" or re.fullmatch(r"m1-fn(ref)?-\d+", value)
                if tag in mathml.TAGS:
                    assert name in mathml.ATTRIBUTES


@pytest.mark.parametrize("text", XSS)
def test_an_unfinished_hostile_text_is_escaped(text):
    renderer = StreamRenderer()
    html = renderer.feed(text.split("\n")[0])
    assert [tag for tag, _ in Reader(html).tags] == ["span"]


def test_the_sanitiser_allows_nothing_that_has_betrayed_others():
    dangerous = "svg math style title textarea noscript iframe xmp img form input script object"
    assert not html_writer._TAGS & set(dangerous.split())
    doors = "annotation annotation-xml mglyph malignmark semantics maction"
    assert not mathml.TAGS & set(doors.split())
    allowed = {name for names in html_writer._ATTRIBUTES.values() for name in names}
    assert allowed == {
        "aria-hidden",
        "aria-label",
        "dir",
        "href",
        "id",
        "role",
        "start",
        "tabindex",
        "title",
        "value",
    }
    assert html_writer.sanitise('<div id="main"><a href="/x" id="fn-x">y</a></div>') == (
        '<div><a rel="nofollow noopener noreferrer">y</a></div>'
    )


def test_each_paragraph_has_its_own_direction_and_a_list_that_of_its_first_letter():
    html = render_markdown("- مرحبا\n- hello\n\nhello\n\n```\nx\n```\n")
    assert re.findall(r'<div class="block" dir="(\w+)"', html) == ["rtl", "auto", "auto"]
    assert html.count('<li dir="auto">') == 2
    assert '<div class="code" dir="ltr">' in html


def test_a_person_sees_line_breaks_and_links_but_no_markdown():
    html = render_plain("a *b*\n  c <d>\n\n\nhttps://a.example/?b=1&c")
    assert html == (
        '<p class="plain" dir="auto">a *b*<br>  c &lt;d&gt;</p><p class="plain" dir="auto"><br>'
        '<a href="https://a.example/?b=1&amp;c" rel="nofollow noopener noreferrer">'
        "https://a.example/?b=1&amp;c</a></p>"
    )


def test_what_no_encoding_can_hold_is_replaced():
    renderer = StreamRenderer()
    html = renderer.feed("a\ud800b\0c") + renderer.finish()
    assert "a?b\ufffdc" in html
    assert "x?y" in render_plain("x\udfffy")


def test_a_long_list_becomes_several_lists_and_stays_a_list():
    html = render_markdown("".join(f"{number}. item {number}\n" for number in range(1, 5001)))
    assert html.count("<li") == 5000
    assert 1 < html.count("<ol") < 10
    assert len(set(re.findall(r"item \d+", html))) == 5000


HOSTILE = {
    "brackets": "[" * 100_000,
    "quotations": ">" * 100_000,
    "quoted lines": "> a\n" * 25_000,
    "emphasis": "*a **a " * 14_000,
    "images": "![[" * 33_000,
    "links": "[a](" * 25_000,
    "dollars": "$a " * 33_000,
    "parentheses": "\\(" * 50_000,
    "code": "```python\n" + "x = 1 # y\n" * 20_000,
    "a line": "x" * 1_000_000,
    "spaces": " " * 1_000_000,
    "nested lists": "".join("  " * depth + "- a\n" for depth in range(300)),
    "list marks": "- " * 50_000,
    "addresses": "https://" * 12_500,
    "underscores": "_a " * 33_000,
    "back ticks": "".join("`" * number + "a" for number in range(440)),
    "entities": "&#x41;" * 16_000,
    "tags": "<b>a" * 20_000,
    "ends of tags": "<b>" * 10_000 + "</i>" * 10_000,
    "attributes": '<b a="' * 20_000,
    "folds": "<details>\n" * 2_000,
    "folds in a line": "<details><summary>a" * 5_000,
    "folds with names": "<details><summary>a</summary>\n" * 1_000,
    "folds within items": "- <details>\n" * 8_000,
    "ends of folds": "</details>" * 10_000,
    "a fold never closed": "<details>\n" + "a paragraph\n\n" * 5_000,
    "comments": "<!-- a\n" * 2_000,
    "long comments": ("<!-- a" + "\n" * 59) * 1_500,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.usefixtures("frozen")
@pytest.mark.row("O-054")
def test_a_hostile_text_costs_less_than_a_second_and_loses_nothing(text):
    start = time.thread_time()
    html = render_markdown(text)
    renderer = StreamRenderer()
    for position in range(0, len(text), 1_000):
        renderer.feed(text[position : position + 1_000])
    renderer.finish()
    assert time.thread_time() - start < 2  # Once whole, once in pieces.
    assert html.count("a") >= text.count("a")


STYLES = (Path(__file__).parents[2] / "static/css/highlight.css").read_text()


def colours(scheme):
    pairs = re.findall(r"(--code-[\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLES)
    return {name: dark if scheme == "dark" else light for name, light, dark in pairs}


def luminance(colour):
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_can_be_read_in_every_colour(scheme):
    shown = colours(scheme)
    assert set(shown) == {"--code-background", *re.findall(r"var\((--code-\w+)\)", STYLES)}
    for name, colour in shown.items():
        if name != "--code-background":
            assert contrast(colour, shown["--code-background"]) >= 4.5, name


def test_colours_are_given_to_what_pygments_finds():
    (rules,) = re.findall(r"\.highlight \{(.*)\n  \}", STYLES, re.DOTALL)
    assert set(re.findall(r"\.([a-z]\w*)", rules)) <= set(STANDARD_TYPES.values())
